"""Which dates a page shows, which belong together in a chart, and what a month is compared with."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pytest
from django.http import QueryDict

from daihou.book.errors import DaihouError
from daihou.book.lake import stamp as stamp_of
from daihou.desk.people.reach import Part, Reach
from daihou.desk.portfolio import summary
from daihou.desk.portfolio.book import Cut, book
from daihou.desk.portfolio.moments import Moment, moment
from desk.portfolio import wharf
from desk.portfolio.conftest import context, page

if TYPE_CHECKING:
    from pathlib import Path

    from django.test import Client

    from daihou.book.home import Home


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(f"2026-{text}")


JAN, FEB, MAR, MID, APR, LATER = (day(text) for text in ("01-31", "02-28", "03-31", "04-15", "04-30", "05-04"))
OWN = [(one, one) for one in (JAN, FEB, MAR, MID, APR)]
PINNED = [(FEB, LATER), (APR, LATER)]


def of(pair: tuple[dt.date, dt.date], *pairs: tuple[dt.date, dt.date]) -> Moment:
    return Moment(*pair, pairs or (*OWN, *PINNED), "stamp")


def test_a_date_by_its_own_knowledge_belongs_with_others_by_theirs() -> None:
    assert of((APR, APR)).series == OWN
    assert of((MAR, MAR)).series == OWN[:3]
    assert of((APR, APR)).own


def test_dates_by_one_later_knowledge_belong_together() -> None:
    assert of((APR, LATER)).series == PINNED
    assert of((FEB, LATER)).series == PINNED[:1]
    assert not of((APR, LATER)).own
    assert of((APR, LATER)).dates == [APR, FEB]
    assert of((APR, APR)).dates == [APR, MID, MAR, FEB, JAN]
    assert of((APR, LATER)).knowledge == [LATER, APR]


def test_the_month_before_is_the_last_date_of_it_and_never_bridges_a_gap() -> None:
    assert of((APR, APR)).before == (MAR, MAR)
    assert of((MID, MID)).before == (MAR, MAR)
    assert of((day("05-02"), day("05-02")), *OWN, (day("05-02"), day("05-02"))).before == (APR, APR)
    assert of((JAN, JAN)).before is None
    assert of((APR, LATER)).before is None  # March was not run by that knowledge
    assert of((MAR, LATER), (FEB, LATER), (MAR, LATER)).before == (FEB, LATER)
    assert of((APR, APR), (FEB, FEB), (APR, APR)).before is None


def test_daily_runs_are_compared_with_the_end_of_the_month_before() -> None:
    daily = [(day("03-01") + dt.timedelta(days=count),) * 2 for count in range(45)]
    assert of(daily[-1], *daily).before == (MAR, MAR)
    assert of(daily[10], *daily).before is None
    assert len(of(daily[-1], *daily).series) == 45


def test_an_address_names_a_pair_and_what_it_leaves_out_is_the_newest(at_wharf: Home) -> None:
    for query, pair in (
        ("", (wharf.END, wharf.END)), ("as_of=2026-03-31", (wharf.MARCH, wharf.MARCH)), ("as_of=2026-03-31&known_on=2026-05-04", (wharf.MARCH, wharf.LATER)),
        ("known_on=2026-05-04", (wharf.END, wharf.LATER)), ("known_on=2026-02-28", (day("02-28"), day("02-28"))), ("as_of= 2026-04-15 ", (MID, MID)),
        ("as_of=&known_on=", (wharf.END, wharf.END)),
    ):  # fmt: skip
        assert moment(QueryDict(query)).pair == pair
    for query in (
        "as_of=2026-04-14",
        "as_of=2026-05-04",
        "as_of=2026-03-31&known_on=2026-04-30",
        "known_on=2026-05-01",
    ):
        with pytest.raises(DaihouError, match="No run wrote"):
            moment(QueryDict(query))


def test_a_stamp_changes_with_every_commit_and_is_of_one_home(tmp_path: Path) -> None:
    log = tmp_path / "a" / "_delta_log"
    assert stamp_of(tmp_path / "a") == ""
    log.mkdir(parents=True)
    assert stamp_of(tmp_path / "a") == ""
    (log / "00000000000000000009.json").touch()
    first = stamp_of(tmp_path / "a")
    (log / "00000000000000000010.json").touch()
    (log / "00000000000000000010.checkpoint.parquet").touch()
    (log / "_last_checkpoint").touch()
    assert stamp_of(tmp_path / "a") not in ("", first)
    other = tmp_path / "b" / "_delta_log"
    other.mkdir(parents=True)
    (other / "00000000000000000009.json").touch()
    assert stamp_of(tmp_path / "b") != first


def test_the_form_of_dates_leads_to_pairs_that_were_run(boss: Client) -> None:
    """The date of knowledge goes along only where it is pinned to one later day."""
    own = page(boss, "/portfolio/?as_of=2026-03-31&known_on=2026-03-31")
    assert '<option value="" selected>2026-03-31</option>' in own
    assert '<option value="2026-05-04">2026-05-04</option>' in own
    pinned = page(boss, "/portfolio/?as_of=2026-03-31&known_on=2026-05-04")
    assert '<option value="2026-05-04" selected>2026-05-04</option>' in pinned
    for form, known_on in ((own, ""), (pinned, "2026-05-04")):
        dates = [
            part.partition('"')[0]
            for part in form.partition('id="as_of"')[2].partition("</select>")[0].split('value="')[1:]
        ]
        assert len(dates) > 1
        for date in dates:
            page(boss, f"/portfolio/?as_of={date}&known_on={known_on}")


def test_no_change_and_no_line_bridges_a_month_that_was_not_run(at_wharf: Home) -> None:
    reach = Reach((Part(None),))
    found = moment(QueryDict("as_of=2026-01-31"))
    balances = summary.balances(book(found, reach, Cut()))
    assert balances.dates == (dt.date(2025, 11, 30), dt.date(2025, 12, 31), JAN)
    assert balances.live.values[1] is None
    assert balances.live.change is None
    assert balances.live.growth is None
    assert balances.live.points.split(",")[1] == ""
    assert all(row.change is None for row in summary.groups(book(found, reach, Cut()), "org_id"))
    after = moment(QueryDict("as_of=2026-02-28"))
    assert summary.balances(book(after, reach, Cut())).live.change is not None
    assert any(row.change is not None for row in summary.groups(book(after, reach, Cut()), "org_id"))


def test_an_overview_across_a_gap_says_what_was_not_run(boss: Client) -> None:
    assert [str(date) for date in context(boss, "/portfolio/")["missing"]] == ["2025-12-31"]
    assert "2025-12-31" in page(boss, "/portfolio/?as_of=2026-01-31")
