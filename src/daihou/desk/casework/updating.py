"""Open cases as a run leaves them: figures, stage, place, loans and owner brought up to it, or closed. Each function writes some cases, in a transaction of its caller.

Only columns of the run are written, on rows that the transaction holds: what a person did meanwhile stands, and who looked at an older state is told so.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from daihou.desk.casework import announcing
from daihou.desk.casework.choices import Act, Track
from daihou.desk.casework.comparing import PLACE
from daihou.desk.casework.models import OPEN, Case, CaseLoan, CaseMove
from daihou.desk.casework.standing import OF_BORROWER, OF_LOAN
from daihou.desk.written import insert, write

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Mapping, Sequence

    import polars as pl

    from daihou.desk.casework.owners import Chooser

STATED: Final = (*OF_BORROWER, *PLACE)
"""The columns of a case that a run says."""


@dataclass(frozen=True, slots=True)
class Date:
    """A run's date as cases follow it: its date, the moment of following, and who gets what is nobody's."""

    as_of: dt.date
    now: dt.datetime
    chooser: Chooser


@dataclass(frozen=True)
class Told:
    """What a run says of many borrowers, asked of some at a time."""

    borrowers: pl.DataFrame
    """borrower_id and `STATED`."""
    loans: pl.DataFrame
    """borrower_id, loan_id and `OF_LOAN`."""

    def of(
        self, borrower_ids: Sequence[str]
    ) -> tuple[dict[str, dict[str, Any]], dict[str, dict[str, tuple[Any, ...]]]]:
        """Of those of some borrowers that it knows: what it says of each, and by loan what it says of that, in the order of `OF_LOAN`."""
        known = [one for one in borrower_ids if one in self._places]
        rows = self.borrowers[[self._places[one] for one in known]]
        cases = {row.pop("borrower_id"): row for row in rows.iter_rows(named=True)}
        loans: dict[str, dict[str, tuple[Any, ...]]] = {one: {} for one in known}
        of_them = [place for one in known for place in range(*self._spans[one])]
        for borrower_id, loan_id, *values in self._by_borrower[of_them].iter_rows():
            loans[borrower_id][loan_id] = tuple(values)
        return cases, loans

    @cached_property
    def _places(self) -> dict[str, int]:
        """The row of each borrower."""
        return {one: place for place, one in enumerate(self.borrowers["borrower_id"])}

    @cached_property
    def _by_borrower(self) -> pl.DataFrame:
        return self.loans.select("borrower_id", "loan_id", *OF_LOAN).sort("borrower_id", "loan_id")

    @cached_property
    def _spans(self) -> dict[str, tuple[int, int]]:
        """The first row of each borrower's loans, and the one after the last."""
        counts = self._by_borrower.group_by("borrower_id", maintain_order=True).len()
        ends = counts["len"].cum_sum()
        return {
            one: (end - count, end) for one, count, end in zip(counts["borrower_id"], counts["len"], ends, strict=True)
        }


@dataclass(frozen=True, slots=True)
class Brought:
    """How many cases were written, and how many of them stand at another stage."""

    updated: int
    staged: int


def bring(keys: Sequence[int], told: Told, date: Date) -> Brought:
    """Some open cases brought up to the run."""
    names = ("pk", "borrower_id", "owner_id", "track", "handed_up_at", *STATED)
    held = Case.objects.select_for_update().filter(OPEN, pk__in=keys).order_by("pk").values(*names)
    cases = {row["pk"]: row for row in held}
    now, loans = told.of([row["borrower_id"] for row in cases.values()])
    of_loans = _loans(cases, loans)
    changes, moves, staged = [], [], 0
    for pk, case in cases.items():
        to = now.get(case["borrower_id"])
        if to is None:
            continue
        change = {name: to[name] for name in STATED if case[name] != to[name]}
        owner_id = _owner(case, to, date.chooser)
        if owner_id != case["owner_id"]:
            change["owner_id"] = owner_id
        if not change and pk not in of_loans:
            continue
        if "stage" in change:
            change["staged_on"] = date.as_of
            staged += 1
        changes.append({"pk": pk, **change, "as_of": date.as_of})
        moves += _moves(case, to, owner_id, date)
    for alike in _alike(changes):
        write(Case, alike, raises=True)
    insert(CaseMove, moves)
    announcing.announce(moves)
    return Brought(len(changes), staged)


def _alike(changes: Sequence[dict[str, Any]]) -> Iterable[list[dict[str, Any]]]:
    """Changes of the same columns together: an index is written anew where one of its columns is named, so only those are that change."""
    found: dict[tuple[str, ...], list[dict[str, Any]]] = {}
    for change in changes:
        found.setdefault(tuple(change), []).append(change)
    return found.values()


def _owner(case: Mapping[str, Any], to: Mapping[str, Any], chooser: Chooser) -> int | None:
    """Whose a case is now: who has it, as long as they work its org; else, in house, the next by turns. What was handed up waits for the manager."""
    owner_id: int | None = case["owner_id"]
    if owner_id is not None and (
        all(case[name] == to[name] for name in PLACE) or chooser.keeps(owner_id, to["org_id"], to["lead_org_id"])
    ):
        return owner_id
    if case["track"] != Track.HOUSE or case["handed_up_at"] is not None:
        return None
    return chooser.choose(to["org_id"])


def _moves(case: Mapping[str, Any], to: Mapping[str, Any], owner_id: int | None, date: Date) -> list[dict[str, Any]]:
    """What is left of it in the course of the case."""
    made = []
    before, after, on = case["stage"], to["stage"], date.as_of.isoformat()
    if before != after:
        made.append(_move(case["pk"], Act.STAGE, date.now, before, after, {"as_of": on, "dpd": to["dpd"]}))
    if (case["org_id"], case["officer_id"]) != (to["org_id"], to["officer_id"]):
        places = {
            "org_id": to["org_id"], "org_id_before": case["org_id"], "officer_id": to["officer_id"], "officer_id_before": case["officer_id"],
        }  # fmt: skip
        made.append(_move(case["pk"], Act.MOVE, date.now, after, after, {"as_of": on, **places}))
    if owner_id != case["owner_id"]:
        owners = {"owner": owner_id, "owner_before": case["owner_id"]}
        made.append(_move(case["pk"], Act.ASSIGN, date.now, after, after, owners))
    return made


def _move(case_id: int, act: Act, now: dt.datetime, before: str, after: str, detail: dict[str, Any]) -> dict[str, Any]:
    return {
        "case_id": case_id, "at": now, "act": act.value, "stage_before": before, "stage_after": after, "detail": detail,
    }  # fmt: skip


def _loans(cases: Mapping[int, Mapping[str, Any]], loans: Mapping[str, Mapping[str, tuple[Any, ...]]]) -> set[int]:
    """Write what differs of the loans of some cases; the keys of those where something did."""
    held: dict[int, dict[str, tuple[int, tuple[Any, ...]]]] = {pk: {} for pk in cases}
    rows = CaseLoan.objects.filter(case_id__in=list(cases)).order_by().values_list("pk", "case_id", "loan_id", *OF_LOAN)
    for pk, case_id, loan_id, *values in rows:
        held[case_id][loan_id] = pk, tuple(values)
    new, other, gone, touched = [], [], [], set()
    for case_id, case in cases.items():
        now = loans.get(case["borrower_id"])
        if now is None:
            continue
        for loan_id, values in now.items():
            pk, was = held[case_id].pop(loan_id, (None, ()))
            if pk is None:
                new.append({"case_id": case_id, "loan_id": loan_id, **dict(zip(OF_LOAN, values, strict=True))})
            elif was != values:
                differing = zip(OF_LOAN, was, values, strict=True)
                other.append({"pk": pk, **{name: now_is for name, before, now_is in differing if before != now_is}})
            else:
                continue
            touched.add(case_id)
        gone += [pk for pk, _values in held[case_id].values()]
        if held[case_id]:
            touched.add(case_id)
    insert(CaseLoan, new)
    for alike in _alike(other):
        write(CaseLoan, alike)
    CaseLoan.objects.filter(pk__in=gone).delete()
    return touched


def close(keys: Sequence[int], why: Mapping[int, str], as_of: dt.date, now: dt.datetime) -> int:
    """Close some open cases, each for its reason; what was agreed for later lapses. Their figures stay as they were last."""
    held = Case.objects.select_for_update().filter(OPEN, pk__in=keys).order_by("pk").values_list("pk", "stage")
    stages = dict(held)
    ended: dict[str, Any] = {
        "closed_on": as_of, "closed_at": now, "as_of": as_of, "call_at": None, "paused_until": None, "handed_up_at": None,
    }  # fmt: skip
    write(Case, [{"pk": pk, "closing": why[pk], **ended} for pk in stages], raises=True)
    told = {"as_of": as_of.isoformat()}
    moves = [_move(pk, Act.CLOSE, now, stage, stage, told | {"closing": str(why[pk])}) for pk, stage in stages.items()]
    insert(CaseMove, moves)
    announcing.announce(moves)
    return len(stages)
