"""All stakes of a large register at one pair of clocks as arrays: which stand, with which figures, which are doubtful.

These are the rules of :mod:`capgraph.lifetimes` and :mod:`capgraph.readings` for the plain case, one entry a stake.
They hold for every stake that is not doubtful; a doubtful one (a tranche changes it, its end or votes are told apart,
another contains it, readings tie) has to be asked row by row.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

import numpy as np

from capgraph.analysis.register import WHOLE
from capgraph.columnar.columns import Columns
from capgraph.columnar.figures import (
    Calendar,
    Chosen,
    Flags,
    Floats,
    Ints,
    aspects_numbered,
    bases_of,
    choose,
    expired,
    least,
    readings_about,
)
from capgraph.network import Scope
from capgraph.ontology import Ontology
from capgraph.readings import Policy

_DAYS = (1 << 24) - 1


class Stakes:
    """The stakes of compiled columns under one scope."""

    def __init__(self, columns: Columns, ontology: Ontology, scope: Scope) -> None:
        self.columns = columns
        self.ontology = ontology
        self.calendar = Calendar(columns, ontology, scope.clocks)
        self.kind = ontology.kinds["stake"]
        self.size = columns.count("stakes")
        self.readings = readings_about(self.calendar, "stake")

    def ends(self, column: str) -> Ints:
        """The place of the holder or issuer of each stake in the table of parties."""
        targets = self.columns.targets("stakes", column, "party")
        return np.empty(0, dtype=np.int64) if targets is None else targets.astype(np.int64)

    def counts(self) -> Flags:
        """Which stakes count as ownership, by their instrument."""
        scheme = self.ontology.schema.tables["stakes"].column(self.kind.refined_by).scheme
        codes = self.ontology.codes(scheme)
        return self.calendar.by_value("stakes", self.kind.refined_by, lambda code: codes[code]["counts"] == "true") > 0

    # Which stand -----------------------------------------------------------------------------------------------------

    @cached_property
    def standing(self) -> Flags:
        """Which stakes had begun, were known, and had not ended."""
        return self._there & self._begun

    @cached_property
    def unstarted(self) -> Flags:
        """Which stakes were known and had not ended, without a start that is known to lie before the asked day."""
        return self._there & ~self._begun & (self._written_start <= 0)

    @cached_property
    def _there(self) -> Flags:
        end, _ = self.calendar.spans("stakes", self.kind.end)
        over = (end > 0) & (end <= self.calendar.asked)
        return self.calendar.public(self._known) & ~over

    @cached_property
    def _begun(self) -> Flags:
        start = np.where(self._written_start > 0, self._written_start, self._shown())
        begun: Flags = (start > 0) & (start <= self.calendar.asked)
        return begun

    @cached_property
    def _written_start(self) -> Ints:
        return self.calendar.spans("stakes", self.kind.start)[0]

    @cached_property
    def _known(self) -> Ints:
        """The day of the first public evidence of each stake."""
        about = self.columns.targets("evidence", "about", "stake")
        groups, days = [self.readings.about], [self.readings.known]
        if about is not None:
            groups.append(about[about >= 0].astype(np.int64))
            days.append(self.calendar.said("evidence")[about >= 0])
        return least(np.concatenate(groups), np.concatenate(days), self.size)

    def _shown(self) -> Ints:
        """The first day of the earliest reading that shows a stake, else the day on which it became known."""
        found = self.readings
        shows = found.numeric & (found.value != 0) & self.calendar.public(found.known) & self._own()
        ranks = (found.last << 24) | found.first
        earliest = least(found.about[shows], ranks[shows], self.size)
        return np.where(earliest > 0, earliest & _DAYS, self._known)

    def _own(self) -> Flags:
        """Which readings give a figure of the stake itself."""
        found, own = self.readings, np.zeros(len(self.readings.rows), dtype=bool)
        for number, code in enumerate(self.ontology.codes("aspect").values()):
            ours = found.aspects == number
            if ours.any():
                bases = bases_of(self.calendar, found, Policy.of(self.ontology, code.code))
                own |= ours & ((bases >= 0) | bool(code["eachBasisAnswers"]))
        return own

    def silent_ends(self) -> Flags:
        """Which stakes ended by the latest publication although nothing shows how that became known (of the plain)."""
        end, _ = self.calendar.spans("stakes", self.kind.end)
        ended: Flags = (end > 0) & (end <= self.calendar.latest.toordinal())
        return ended

    # Figures ---------------------------------------------------------------------------------------------------------

    def figure(self, aspect: str) -> Chosen:
        """The answers for one aspect."""
        found = self.readings.where(self.readings.aspects == aspects_numbered(self.ontology, [aspect])[0])
        bases = bases_of(self.calendar, found, Policy.of(self.ontology, aspect))
        return choose(found, bases, self.calendar, self.size)

    @cached_property
    def percent(self) -> Chosen:
        """The percent of each stake, too old ones among them."""
        return self.figure(self.kind.percent_aspects[0])

    def shares(self) -> tuple[Floats, Floats, Floats]:
        """Least, value and most of the percents, as :func:`capgraph.analysis.register.share_of` has them: NaN where
        none answers or only one that is too old."""
        value, low, high = self.percent.value, self.percent.low, self.percent.high
        there = (self.percent.place >= 0) & ~expired(self.calendar, self.percent.last)
        least_ = np.where(np.isnan(low), np.where(np.isnan(value), 0.0, value), low)
        most = np.where(np.isnan(high), np.where(np.isnan(value), float(WHOLE), value), high)
        middle = np.where(np.isnan(value), least_, value)
        return tuple(np.where(there, end, np.nan) for end in (least_, middle, most))  # type: ignore[return-value]

    @cached_property
    def unsettled(self) -> Flags:
        """The stakes whose standing takes more than columns can tell: a tranche changes them, their start or end is
        told apart, nothing is said of them."""
        found = self._told_of(["start", "end"])
        changed = self.columns.targets("tranches", "stake", "stake")
        if changed is not None:
            found[changed[changed >= 0]] = True
        evidence = self.columns.groups("evidence", "about", "stake")[0]
        told = np.bincount(self.readings.about, minlength=self.size) > 0
        return found | ~(told | (np.diff(evidence) > 0 if evidence is not None else False))

    @cached_property
    def doubtful(self) -> Flags:
        """The stakes whose standing, percent or votes take more than columns can tell."""
        doubtful = self.unsettled | self.percent.doubtful
        doubtful |= self._told_of(["votes_percent", *self.kind.percent_aspects[1:]])
        within = self.columns.targets("stakes", "contained_in", "stake")
        if within is not None:
            doubtful[within[within >= 0]] = True
            doubtful[np.flatnonzero(within >= 0)] = True
        return doubtful

    def _told_of(self, aspects: Sequence[str]) -> Flags:
        """The stakes of which some reading tells one of these aspects."""
        found = np.zeros(self.size, dtype=bool)
        numbers = aspects_numbered(self.ontology, aspects)
        found[self.readings.about[np.isin(self.readings.aspects, numbers)]] = True
        return found
