"""Look-through and components on Apache Spark, for registers that outgrow one machine.

Plain DataFrames and nothing else: the jar of GraphFrames is not to be had from the package registry. By default Spark
runs inside this process on all cores (``local[*]``); ``CAPGRAPH_SPARK_MASTER`` names a cluster. The numbers travel to
it from this process, or, where ``CAPGRAPH_SPARK_FOLDER`` names a folder that all its machines see, through that folder
as Parquet; what a round gave is then kept there too, so that a lost machine costs no more than its last round.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from capgraph.analysis.components import Ties
from capgraph.analysis.lookthrough import Matrix, Places, Vector
from capgraph.columnar.arrow import arrow
from capgraph.columnar.figures import Ints
from capgraph.columnar.rounds import DataFrame, look_through, strong_components, weak_components
from capgraph.errors import UsageProblem
from capgraph.results import Note, note

MASTER, FOLDER = "CAPGRAPH_SPARK_MASTER", "CAPGRAPH_SPARK_FOLDER"
LOCAL = "local[*]"

_ROWS_A_PART = 50_000
"""On one machine so many rows at least are worth a task of their own."""


class SparkEngine:
    """One Spark session: :class:`capgraph.columnar.engines.Engine` on a cluster, or on this machine as if it were one.

    ``master`` is its address; empty, the one that the environment names, else this machine.
    """

    def __init__(self, master: str = "") -> None:
        self.folder = os.environ.get(FOLDER, "")
        master = master or os.environ.get(MASTER, "") or LOCAL
        self.local = master.startswith("local")
        self.session = _session(master)
        self.rounds = 0
        if self.folder:
            self.session.sparkContext.setCheckpointDir(str(Path(self.folder) / "rounds"))

    def stop(self) -> None:
        self.session.stop()

    def corrected_holdings(self, w: Matrix, holder: int) -> Vector:
        r"""Chains that come back to the holder end there, so that the walk sum of what is left is
        :math:`N_{hj} / N_{hh}`; what it has of itself comes from those through whom it does."""
        cells = w.tocoo()
        away = cells.col != holder
        found = self._walked(cells.row[away], cells.col[away], cells.data[away], w.shape[0], holder)
        back = cells.row[~away]
        found[holder] = float(np.where(back == holder, 1.0, found[back]) @ cells.data[~away])
        return found

    def walks(self, w: Matrix, company: int) -> Vector:
        cells = w.tocoo()
        found = self._walked(cells.col, cells.row, cells.data, w.shape[0], company)
        found[company] += 1.0
        return found

    def _walked(self, near: Places, far: Places, shares: Vector, size: int, start: int) -> Vector:
        found = np.zeros(size)
        with self._frame(near=near.astype(np.int64), far=far.astype(np.int64), share=shares) as steps, _told():
            total, rounds = look_through(steps, start, self._kept)
            rows = total.collect()
            found[[row["node"] for row in rows]] = [row["share"] for row in rows]
            self.rounds = max(self.rounds, rounds)
        return found

    def weak_components(self, ties: Ties) -> Ints:
        return self._labelled(ties, weak_components)

    def strong_components(self, ties: Ties) -> Ints:
        return self._labelled(ties, strong_components)

    def _labelled(self, ties: Ties, label: Callable[[DataFrame, Callable[[DataFrame], DataFrame]], DataFrame]) -> Ints:
        found = np.arange(ties.size)
        with self._frame(one=ties.holders, other=ties.issuers) as pairs, _told():
            rows = label(pairs, self._kept).collect()
            found[[row["node"] for row in rows]] = [row["least"] for row in rows]
        return found

    def notes(self) -> tuple[Note, ...]:
        rounds = (note("register.rounds", rounds=self.rounds),) if self.rounds else ()
        return (note("register.engine"), *rounds)

    def _kept(self, frame: DataFrame) -> DataFrame:
        """A frame without its history, so that no plan grows from round to round: it is computed at its first use and
        kept, in the shared folder where there is one, else by whoever computed it."""
        return frame.checkpoint(eager=False) if self.folder else frame.localCheckpoint(eager=False)

    @contextmanager
    def _frame(self, **columns: Any) -> Iterator[DataFrame]:
        """Arrays as a DataFrame."""
        pa, parquet = arrow(), arrow("pyarrow.parquet")
        table = pa.table({name: pa.array(np.ascontiguousarray(column)) for name, column in columns.items()})
        if self.local:
            parts = min(os.cpu_count() or 1, 1 + len(table) // _ROWS_A_PART)
            self.session.conf.set("spark.sql.shuffle.partitions", str(parts))
        if not self.folder:
            yield self.session.createDataFrame(table)
            return
        with tempfile.TemporaryDirectory(dir=self.folder, prefix="capgraph-") as folder:
            parquet.write_table(table, Path(folder) / "part.parquet")
            Path(folder).chmod(0o755)
            yield self.session.read.parquet(Path(folder).absolute().as_uri())


@contextmanager
def _told() -> Iterator[None]:
    """What fails on a cluster, in one line."""
    from py4j.protocol import Py4JError
    from pyspark.errors import PySparkException

    try:
        yield
    except (PySparkException, Py4JError) as error:
        raise UsageProblem(f"Spark failed: {_first_line(error)}") from error


def _first_line(error: Exception) -> str:
    java = getattr(error, "java_exception", None)
    text = str(java.getMessage()) if java is not None else str(error)
    return (text.strip().splitlines() or [type(error).__name__])[0]


def _session(master: str) -> Any:
    """The session that is there, or a new one. Raises UsageProblem where PySpark or Java is missing, or no master
    answers."""
    try:
        from py4j.protocol import Py4JError
        from pyspark.errors import PySparkException
        from pyspark.sql import SparkSession
    except ModuleNotFoundError as error:
        raise UsageProblem("--engine spark needs PySpark: pip install 'capgraph[spark]'") from error
    home = os.environ.get("JAVA_HOME")
    if not (Path(home) / "bin" / "java").exists() if home else shutil.which("java") is None:
        raise UsageProblem("--engine spark needs Java 17 or later: on the PATH, or where JAVA_HOME says")
    builder = SparkSession.builder.master(master).appName("capgraph")
    for key, value in {**_SETTINGS, **(_LOCAL_SETTINGS if master.startswith("local") else {})}.items():
        builder = builder.config(key, value)
    try:
        session = builder.getOrCreate()
        session.sparkContext.setLogLevel("ERROR")
    except (PySparkException, Py4JError, OSError) as error:
        raise UsageProblem(f"Spark did not start with the master {master}: {_first_line(error)}") from error
    return session


_SETTINGS = {"spark.ui.enabled": "false", "spark.ui.showConsoleProgress": "false"}
_LOCAL_SETTINGS = {
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.host": "127.0.0.1",
    # The rounds are many and small: what plans them anew on the way costs more than it saves within one machine.
    "spark.sql.adaptive.enabled": "false",
}
