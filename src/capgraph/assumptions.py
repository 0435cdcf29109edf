"""What if: the facts without some things, and with some cells and figures set by whoever asks.

An assumption is a pure change of :class:`~capgraph.facts.Facts`: the tables stay as they are, so leaving the assumption
out again restores every answer byte for byte. It is made once, where the graph is loaded, and so holds for every
command.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from capgraph.clocks import Clocks, DateSpan, near, span_of
from capgraph.errors import UsageProblem
from capgraph.facts import Facts, Row, row_ref
from capgraph.ontology import Code, Ontology
from capgraph.readings import RIVAL_DAYS, Policy
from capgraph.schema import is_number
from capgraph.store import with_derived

SOURCE = "assumption"
"""The id of the source that every assumed figure names, and its confidence is the code ``assumed``."""

_SET = re.compile(r"(?P<ref>[a-z]+/[a-z0-9/-]+)\.(?P<field>[a-z_]+)=(?P<value>.*)", re.DOTALL)
_STATUS = "status"
_CLOSED = "closed"
_WHOLE = 100
_UNITS = {"percent": "percent", "money": "USD", "shares": "shares", "capacity": "GW", "people": "people"}
"""The unit of an assumed figure by the kind of unit that its aspect has, where no figure of the thing shows another."""


@dataclass(frozen=True, slots=True)
class Setting:
    """One ``--set``: a thing, a column or aspect of it, and the value assumed (for money with its currency).

    >>> Setting.parse("stake/a--b--common.percent=5")
    Setting(ref='stake/a--b--common', field='percent', value='5', unit='')
    >>> Setting.parse("party/softbank-group.cash=3800000000000 JPY").unit
    'JPY'
    """

    ref: str
    field: str
    value: str
    unit: str = ""

    @classmethod
    def parse(cls, text: str) -> Setting:
        """Read ``kind/id.field=value``. Raises UsageProblem for anything else."""
        found = _SET.fullmatch(text.strip())
        if found is None:
            raise UsageProblem(
                f"cannot read the assumption {text!r}; write kind/id.field=value, "
                "such as stake/microsoft--openai--common.percent=5"
            )
        number, space, unit = found["value"].partition(" ")
        if space and is_number(number):
            return cls(found["ref"], found["field"], number, unit.strip())
        return cls(found["ref"], found["field"], found["value"])


def assume(facts: Facts, ontology: Ontology, clocks: Clocks, without: Iterable[str], sets: Iterable[str]) -> Facts:
    """The facts under assumptions: first without some things, then with some cells and figures set, in the given order.

    Parameters
    ----------
    facts : what the tables hold, and what the rules derived from it.
    ontology : the code lists, for aspects and statuses.
    clocks : the day on which an assumed figure holds (``as_of``) and from which it counts as known (``known_on``).
    without : names of things, ``kind/id``, as if they had never been; see :func:`leave_out` for what goes with them.
    sets : assumptions ``kind/id.field=value``; see :func:`set_field`.

    Returns
    -------
    Facts. Holdings that the rules of the ontology derive follow from the changed facts. Without assumptions the very
    same object comes back.

    Raises
    ------
    UsageProblem if an assumption cannot be read, or names a thing, field or value that there is not.
    """
    removed, settings = tuple(without), [Setting.parse(text) for text in sets]
    if not removed and not settings:
        return facts
    changed = leave_out(facts, ontology, removed) if removed else facts
    cells = [each for each in settings if _is_cell(changed, each)]
    for setting in cells:
        changed = changed.with_cell(setting.ref, setting.field, setting.value)
    if removed or cells:
        changed = _derived_anew(changed, ontology, removed)
    for setting in settings:
        if setting not in cells:
            changed = set_field(changed, ontology, clocks, setting)
    return changed


def _derived_anew(facts: Facts, ontology: Ontology, removed: Sequence[str]) -> Facts:
    """The facts with what the rules derive from them now. Derived things that were left out stay out."""
    written = Facts(facts.schema, facts.datasets, (row for row in facts.rows() if not row.derived))
    anew = with_derived(written, ontology)
    gone = [ref for ref in removed if (row := anew.get(ref)) is not None and row.derived]
    return anew.without(gone) if gone else anew


# Without --------------------------------------------------------------------------------------------------------------


def leave_out(facts: Facts, ontology: Ontology, refs: Sequence[str]) -> Facts:
    """The facts as if these things had never been.

    What cannot be without them goes with them: the tranches of a deal, readings, evidence and statuses of each. A stake
    that these tranches changed follows this rule:

    - *Opened.* If tranches that open it go, and none remains that opens or increases it, the stake goes too.
    - *Closed.* If the tranches that close it go and none remains that does, the stake stands again: its end is emptied,
      and readings of an end go.
    - *Figures.* A figure of the stake that speaks of a day after a removed tranche closed measures a holding that the
      tranche had changed. It goes, and the last figure before answers again.

    Raises UsageProblem where nothing bears one of the names.

    >>> leave_out(facts, ontology, ["deal/softbank-nvidia-exit-2025-10"])               # doctest: +SKIP
    """
    kept = facts.without(refs)
    removals = _removals(facts, kept, ontology)
    unopened = [removal.stake for removal in removals if removal.stake in kept and removal.unopened(kept)]
    kept = kept.without(unopened) if unopened else kept
    for removal in removals:
        if removal.stake in kept:
            kept = removal.undone(kept, ontology)
    return kept


@dataclass(frozen=True, slots=True)
class _Removal:
    """What the removed tranches had done to one stake, and the days on which they closed."""

    stake: str
    effects: frozenset[str]
    days: tuple[DateSpan, ...]

    def _remaining(self, kept: Facts) -> set[str]:
        """What the tranches that remain do to the stake."""
        name = self.stake.removeprefix("stake/")
        return {row["effect"] for row in kept.mentions(self.stake) if row.table == "tranches" and row["stake"] == name}

    def unopened(self, kept: Facts) -> bool:
        """Whether nothing that remains opened the stake."""
        return "opens" in self.effects and not self._remaining(kept) & {"opens", "increases"}

    def undone(self, kept: Facts, ontology: Ontology) -> Facts:
        """The facts with the stake as it was before the removed tranches."""
        again = "closes" in self.effects and "closes" not in self._remaining(kept)
        readings = kept.about("readings", self.stake)
        gone = [row.ref for row in readings if (again and row["aspect"] == "end") or self._measured(row, ontology)]
        changed = kept.without(gone) if gone else kept
        return changed.with_cell(self.stake, "valid_to", "") if again else changed

    def _measured(self, reading: Row, ontology: Ontology) -> bool:
        """Whether a reading is a figure of a day after the stake was changed."""
        figure = ontology.code("aspect", reading["aspect"])["valueType"] in ("", "decimal")
        return figure and any(DateSpan.parse(reading["as_of"]).first > day.last for day in self.days)


def _removals(facts: Facts, kept: Facts, ontology: Ontology) -> list[_Removal]:
    by_stake: dict[str, list[Row]] = {}
    for leg in facts.table("tranches"):
        if leg.ref not in kept and leg["stake"] and leg["effect"]:
            by_stake.setdefault(f"stake/{leg['stake']}", []).append(leg)
    return [
        _Removal(
            stake,
            frozenset(leg["effect"] for leg in legs),
            tuple(day for leg in legs if (day := _closed_on(facts, ontology, leg.ref)) is not None),
        )
        for stake, legs in sorted(by_stake.items())
    ]


def _closed_on(facts: Facts, ontology: Ontology, leg: str) -> DateSpan | None:
    """When a tranche closed by the log, the first day if it says several."""
    rows = (row for row in facts.about("statuses", leg) if ontology.code("status", row["status"])["rung"] == _CLOSED)
    return min((day for row in rows if (day := span_of(row["date"])) is not None), default=None)


# Set ------------------------------------------------------------------------------------------------------------------


def _is_cell(facts: Facts, setting: Setting) -> bool:
    """Whether a setting names a column of its thing's table, and not an aspect of the thing."""
    row = facts.get(setting.ref)
    return row is not None and setting.field in facts.schema.tables[row.table].header


def set_field(facts: Facts, ontology: Ontology, clocks: Clocks, setting: Setting) -> Facts:
    """The facts with one cell, figure or status of a thing as assumed.

    - A *column* of the thing's table (``valid_to``) gets the value.
    - An *aspect* (``percent``, ``limit``) gets a reading of the asked day, with the first basis that may answer, from
      the source ``assumption`` and with the confidence ``assumed``, which ranks before every other. Readings that
      would rival it go, so that it answers alone; older ones stay, for what they show of the past.
    - ``status`` of a tranche, facility or contract gets an entry of the asked day in the log.

    A figure without a unit takes that of the thing's other figures of the aspect, else percent, US dollars or shares.
    Raises UsageProblem for an unknown thing or field, or a value that cannot stand there.
    """
    row = facts.get(setting.ref)
    if row is None:
        raise UsageProblem(f"there is no {setting.ref!r} to set; name things as kind/id, such as stake/...")
    if _is_cell(facts, setting):
        return facts.with_cell(setting.ref, setting.field, setting.value)
    kind = setting.ref.split("/")[0]
    if setting.field == _STATUS and kind in facts.schema.tables["statuses"].column("about").kinds:
        return _with_status(facts, ontology, clocks.as_of, setting).with_rows(_source(facts, clocks))
    code = ontology.find_code("aspect", setting.field)
    if code is None or kind not in code.attributes.get("appliesTo", ()):
        raise UsageProblem(
            f"a {kind} has no {setting.field!r} to set; there are: {', '.join(_fields(facts, ontology, row))}"
        )
    return _with_figure(facts, ontology, clocks, setting, code)


def _fields(facts: Facts, ontology: Ontology, row: Row) -> Iterator[str]:
    """Everything of a thing that can be set."""
    table = facts.schema.tables[row.table]
    kind = row.ref.split("/")[0]
    yield from (name for name in table.header if name not in table.key)
    yield from (_STATUS,) if kind in facts.schema.tables["statuses"].column("about").kinds else ()
    yield from (code.code for code in ontology.codes("aspect").values() if kind in code.attributes.get("appliesTo", ()))


def _with_figure(facts: Facts, ontology: Ontology, clocks: Clocks, setting: Setting, aspect: Code) -> Facts:
    if not is_number(setting.value):
        raise UsageProblem(f"{setting.value!r} is no figure; write a full plain number such as 5830000000 or 26.79")
    policy = Policy.of(ontology, aspect.code)
    if not policy.bases:
        raise UsageProblem(f"{aspect.code!r} says nothing by itself, so there is nothing to assume")
    about = [row for row in facts.about("readings", setting.ref) if row["aspect"] == aspect.code]
    day = DateSpan.of(clocks.as_of)
    rivals = [
        row.ref
        for row in about
        if policy.place(row["basis"]) is not None
        and ((span := DateSpan.parse(row["as_of"])) >= day or near(span, day, RIVAL_DAYS))
    ]
    cells = {
        "id": f"assumed-{setting.ref.replace('/', '-')}-{aspect.code.replace('_', '-')}",
        "about": setting.ref,
        "aspect": aspect.code,
        "as_of": clocks.as_of.isoformat(),
        "value": setting.value,
        "unit": _unit(ontology, setting, aspect, about),
        "basis": policy.bases[0],
        "source": SOURCE,
        "confidence": "assumed",
    }
    kind = ontology.kinds.get(setting.ref.split("/")[0])
    if kind and aspect.code in kind.percent_aspects and not 0 <= Decimal(setting.value) <= _WHOLE:
        raise UsageProblem(
            f"{setting.value} is no {aspect.code.replace('_', ' ')} of {setting.ref}; it lies in 0 to 100"
        )
    reading = _row(facts, "readings", cells)
    left = facts.without([*rivals, *([reading.ref] if reading.ref in facts and reading.ref not in rivals else [])])
    return left.with_rows([reading, *_source(left, clocks)])


def _unit(ontology: Ontology, setting: Setting, aspect: Code, about: Sequence[Row]) -> str:
    """The unit given, else that of the latest reading, else the usual one."""
    if setting.unit:
        if ontology.find_code("unit", setting.unit) is None:
            raise UsageProblem(f"{setting.unit!r} is no unit; there are: {', '.join(ontology.codes('unit'))}")
        return setting.unit
    dated = sorted(about, key=lambda row: (DateSpan.parse(row["as_of"]), row.ref))
    return dated[-1]["unit"] if dated else _UNITS.get(aspect["unitKind"], "")


def _with_status(facts: Facts, ontology: Ontology, day: date, setting: Setting) -> Facts:
    code = ontology.find_code("status", setting.value)
    kind = setting.ref.split("/")[0]
    fitting = [each.code for each in ontology.codes("status").values() if kind in each.attributes.get("appliesTo", ())]
    if code is None or code.code not in fitting:
        raise UsageProblem(f"{setting.value!r} is no status of a {kind}; there are: {', '.join(fitting)}")
    later = [row.ref for row in facts.about("statuses", setting.ref) if _lasts(row, day)]
    left = facts.without(later) if later else facts
    cells = {"about": setting.ref, "status": code.code, "date": day.isoformat(), "source": SOURCE}
    return left.with_rows([_row(facts, "statuses", cells)])


def _lasts(status: Row, day: date) -> bool:
    """Whether an entry of the log could outlast one of the asked day: it may be dated as late, or has no date."""
    span = span_of(status["date"])
    return span is None or span.last >= day


def _source(facts: Facts, clocks: Clocks) -> list[Row]:
    """The source that assumed figures name, once: public on the day of knowledge, and so at the asked clocks."""
    cells = {"id": SOURCE, "title": "Assumption (--set)", "published": clocks.known_on.isoformat(), "kind": "data"}
    return [] if f"source/{SOURCE}" in facts else [_row(facts, "sources", cells)]


def _row(facts: Facts, table: str, cells: dict[str, str]) -> Row:
    full = {column: cells.get(column, "") for column in facts.schema.tables[table].header}
    return Row(table, row_ref(facts.schema.tables[table], full), full, "--set", 0, SOURCE)
