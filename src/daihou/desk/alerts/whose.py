"""Whose a borrower is: org, leading org, officer and exposure, as the newest run and the facts say."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import polars as pl
from django.conf import settings
from django.http import QueryDict

from daihou.book import lake
from daihou.desk.portfolio import moments, reading
from daihou.desk.portfolio.reading import Source
from daihou.runs.borrowers.places import Places
from daihou.runs.borrowers.versions import versions
from daihou.runs.watch.rows import LIVE

if TYPE_CHECKING:
    from collections.abc import Collection

    from daihou.desk.portfolio.moments import Moment

STATED: Final = ("org_id", "lead_org_id", "officer_id")
FIELDS: Final = ("org_id", "lead_org_id", "officer_id", "exposure")


@dataclass(frozen=True, slots=True)
class Whose:
    """What an alert copies of its borrower; `exposure` is in minor units of the base currency.

    Org and officer are those of the largest live loan, as in signals of borrowers; where no loan has any, those that the facts state of the borrower.
    """

    org_id: str = ""
    lead_org_id: str = ""
    """The org that leads the borrower 牵头机构; empty where it is the same."""
    officer_id: str = ""
    exposure: int = 0

    @property
    def values(self) -> dict[str, Any]:
        """By the names of the fields of an alert."""
        return {
            "org_id": self.org_id,
            "lead_org_id": self.lead_org_id,
            "officer_id": self.officer_id,
            "exposure": self.exposure,
        }


def of(borrower_ids: Collection[str], moment: Moment | None = None) -> dict[str, Whose]:
    """Whose some borrowers are, in the newest run unless another moment is given; without those that neither a loan of it nor the facts know.

    DaihouError where nothing was run yet.
    """
    moment = moment or moments.moment(QueryDict())
    asked = sorted(set(borrower_ids))
    loans, stated = _of_loans(asked, moment), _stated(asked, moment)
    found = {}
    for borrower_id in asked:
        loan, fact = loans.get(borrower_id, {}), stated.get(borrower_id, {})
        if not loan and not fact:
            continue
        org_id = loan.get("org_id") or fact.get("org_id") or ""
        lead = fact.get("lead_org_id") or ""
        officer_id = loan.get("officer_id") or fact.get("officer_id") or ""
        found[borrower_id] = Whose(org_id, lead if lead != org_id else "", officer_id, loan.get("exposure") or 0)
    return found


def _of_loans(asked: list[str], moment: Moment) -> dict[str, dict[str, Any]]:
    """Org and officer of the largest loan, live ones first, and the exposure; where that is unknown, what is known of the live loans."""
    if not asked:
        return {}
    rows = reading.rows(
        f"WITH asked AS (SELECT unnest(?::VARCHAR[]) AS borrower_id), {_told(moment, 'SEMI JOIN asked USING (borrower_id)', reading.snapshots(moment).sql)}", [asked]
    )  # fmt: skip
    return {row["borrower_id"]: row for row in rows}


def _told(moment: Moment, those: str, loans: str) -> str:
    """The rest of a query that tells of borrowers what the run says, of those whom a join leaves; `loans` is what stands behind FROM."""
    live = ", ".join(f"'{state}'" for state in LIVE)
    return f"""
             loans AS (
                 SELECT borrower_id, loan_id, org_id, officer_id, state::VARCHAR IN ({live}) AS live, principal_outstanding_base AS balance
                 FROM {loans} {those}
             ),
             largest AS (
                 SELECT DISTINCT ON (borrower_id) borrower_id, org_id, officer_id FROM loans
                 ORDER BY borrower_id, live DESC, coalesce(balance, -1) DESC, loan_id
             ),
             known AS (SELECT borrower_id, coalesce(sum(balance) FILTER (WHERE live), 0)::BIGINT AS balance FROM loans GROUP BY ALL),
             told AS (
                 SELECT borrower_id, exposure FROM {Source("borrower_snapshots", moment.pair, moment.stamp).written} {those}
             )
        SELECT borrower_id, org_id, officer_id, coalesce(told.exposure, known.balance)::BIGINT AS exposure
        FROM largest JOIN known USING (borrower_id) LEFT JOIN told USING (borrower_id)
        """


def _stated(asked: list[str], moment: Moment) -> dict[str, dict[str, Any]]:
    """What the facts state of borrowers, in force on the date as known by then."""
    held = _in_force(pl.col("borrower_id").is_in(pl.Series(asked).implode()), moment) if asked else None
    return {} if held is None else {row["borrower_id"]: row for row in held.iter_rows(named=True)}


def _in_force(those: pl.Expr, moment: Moment) -> pl.DataFrame | None:
    """What the facts state of some borrowers; None where there are no facts of any."""
    files = lake.files(settings.HOME, "borrowers")
    if not files:
        return None
    stated = (
        pl.scan_parquet(files).filter(those).select("borrower_id", *STATED, "effective_on", "known_on", "batch", "row")
    )
    return versions(stated.collect(), "borrower_id").in_force(moment.as_of, moment.known_on)


@dataclass(frozen=True, slots=True)
class Everybody:
    """Whose all borrowers of a run are, held in memory: a hundredth of a millisecond to ask, where the lake takes tens of milliseconds."""

    rows: pl.DataFrame
    places: Places

    def of(self, borrower_ids: Collection[str]) -> dict[str, Whose]:
        """Whose some are, without those whom neither the run nor the facts know."""
        _, rows = self.places.rows_of(pl.Series(sorted(set(borrower_ids)), dtype=pl.String))
        found = self.rows[rows].select("borrower_id", *FIELDS).iter_rows()
        return {borrower_id: Whose(*values) for borrower_id, *values in found}


def everybody(moment: Moment) -> Everybody:
    """Everybody in the run of a moment, as `of` tells of some."""
    run = pl.DataFrame(reading.table(f"WITH {_told(moment, '', reading.snapshots(moment).written)}"))
    stated = _in_force(pl.lit(True), moment)  # noqa: FBT003 - the condition that leaves all
    if stated is None:
        stated = pl.DataFrame(schema=dict.fromkeys(("borrower_id", *STATED), pl.String))
    both = run.join(stated, "borrower_id", how="full", coalesce=True, suffix="_stated")
    org, lead, officer = (
        pl.coalesce(*(pl.col(name).replace("", None) for name in names)).fill_null("")
        for names in (("org_id", "org_id_stated"), ("lead_org_id",), ("officer_id", "officer_id_stated"))
    )
    rows = both.select(
        "borrower_id", org_id=org, lead_org_id=pl.when(lead != org).then(lead).otherwise(pl.lit("")), officer_id=officer,
        exposure=pl.col("exposure").fill_null(0),
    ).with_columns(pl.col(FIELDS[:3]).cast(pl.Categorical))  # fmt: skip
    return Everybody(rows, Places(rows["borrower_id"]))
