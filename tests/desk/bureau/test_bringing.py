"""Reports without a query, from the command line: marked so, once, and counted as a report at hand."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

import pytest

from daihou.book.errors import DaihouError
from daihou.cli import bureau as command_line
from daihou.desk.audit.models import Entry
from daihou.desk.bureau import bringing, scope, storing
from daihou.desk.bureau.bringing import Brought
from daihou.desk.bureau.errors import UnfitError
from daihou.desk.bureau.models import Result
from desk.bureau.asks import LI, authorised, wanted
from desk.bureau.desks import desk_of
from desk.bureau.test_pages import plain

if TYPE_CHECKING:
    from pathlib import Path

    from daihou.book.home import Home
    from daihou.desk.people.models import User


def bring(content: bytes, **more: str) -> tuple[Result, bool]:
    brought = Brought(
        **({"borrower_id": LI, "bureau": "pbc", "mapping": "plain_json"} | more), whose=scope.whose_of(LI) or {}
    )
    return bringing.without_query(brought, storing.incoming(content, "r.json", "application/json"), None)


def test_a_report_without_a_query_is_marked_so_is_once_and_is_at_hand(staff: dict[str, User]) -> None:
    made, new = bring(plain())
    assert (new, made.query, made.report_id, made.org_id) == (True, None, f"IM-2026-{made.pk:06d}", "X1")
    assert bring(plain()) == (made, False)
    assert Entry.objects.get(action="bureau.import").detail["query"] is False
    authorised(staff["wang"])
    query = wanted(staff["wang"])
    assert (query.outcome, query.report_id) == ("cached", made.report_id)


@pytest.mark.parametrize(
    ("content", "more", "said"),
    [
        (plain(), {"bureau": "moon"}, "no such bureau"),
        (plain(), {"mapping": "../x"}, "no mapping"),
        (plain(), {"mapping": "plain_xml"}, "no whole XML"),
        (plain(), {"borrower_id": "P99"}, "holds nobody"),
        (plain(credits=[{"lender": "x", "balance": -5}]), {}, "not less than 0"),
    ],
)
def test_what_cannot_be_read_is_not_taken(
    staff: dict[str, User], content: bytes, more: dict[str, str], said: str
) -> None:
    with pytest.raises(UnfitError, match=said):
        bring(content, **more)
    assert not Result.objects.exists()


@pytest.mark.skipif(bool(os.environ.get("DATABASE_URL")), reason="the command is the same over any database")
def test_the_command_line_brings_one_in(set_up: Path, tmp_path: Path) -> None:
    file = tmp_path / "report.json"
    file.write_bytes(plain())
    with desk_of(set_up, tmp_path, "") as desk:
        words = ("bureau", "import", str(file), "--borrower", "P1", "--bureau", "pbc", "--mapping", "plain_json")
        ended = desk.daihou(*words)
    assert ended.returncode == 0, ended.stderr
    assert re.fullmatch(r"IM-\d{4}-000001: 1 credits of P1\.\n", ended.stdout)


def test_the_command_line_says_why_not(home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command_line, "ready", lambda: home)
    file = tmp_path / "report.json"
    file.write_bytes(plain(date="x"))
    with pytest.raises(DaihouError, match="report/date"):
        command_line.command(command_line.Act.IMPORT, file, LI, "pbc", "plain_json")
    with pytest.raises(DaihouError, match="cannot be read"):
        command_line.command(command_line.Act.IMPORT, tmp_path / "none.json", LI, "pbc", "plain_json")
    assert not Result.objects.exists()
