"""A small lender with a bureau that is real: borrowers in a lake, people in the vault, consents, staff, and a server at this machine that is asked."""

from __future__ import annotations

import datetime as dt
import itertools
import shutil
import threading
from contextlib import contextmanager
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone, translation

from daihou.book.bureaus import Bureau
from daihou.book.home import Home, Settings, open_home
from daihou.book.intake import deliver
from daihou.desk.bureau import asking, authorising, sending
from daihou.desk.bureau.asking import Asking
from daihou.desk.bureau.authorising import Given
from daihou.desk.bureau.models import Query
from daihou.desk.bureau.trial.behaviour import Book, Manner
from daihou.desk.bureau.trial.server import Server
from daihou.desk.people.roles import Role
from daihou.desk.vault import people as vaulted
from daihou.vault.person import PersonRecord
from desk.alerts.hands import asked
from desk.conftest import user
from once import once

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from daihou.desk.bureau.models import Authorisation
    from daihou.desk.people.models import User

SHANGHAI: Final = ZoneInfo("Asia/Shanghai")
NOW: Final = dt.datetime(2026, 3, 17, 10, tzinfo=SHANGHAI)
TODAY: Final = NOW.date()
MINUTE: Final = dt.timedelta(minutes=1)
DAY: Final = dt.timedelta(days=1)
LI: Final = "P1"
"""Borrower with a live loan, of branch X1, in the charge of W01."""
SUN: Final = "P2"
"""Her loan is closed since 1 March."""
GUARANTOR: Final = "P3"
"""Guarantees P1's loan; the facts say nothing else of them."""
COMPANY: Final = "F1"
FAR: Final = "P4"
"""Of branch X2."""
PARTNER: Final = "P5"
"""Owes P1's loan too."""
KEYS: Final = (f"key-{number}" for number in itertools.count(1))
FACTS: Final = {
    "borrowers": """borrower_id,kind,org_id,officer_id
P1,person,X1,W01
P2,person,X1,W01
F1,company,X1,W01
P4,person,X2,F01
""",
    "loans": """loan_id,borrower_id,product,principal,disbursed_on,matures_on,org_id,officer_id,closed_on
L1,P1,consumer,100000,2025-06-01,2027-06-01,X1,W01,
L2,P2,consumer,50000,2025-01-01,2027-01-01,X1,W01,2026-03-01
L3,F1,working,900000,2025-02-01,2027-02-01,X1,W01,
L4,P4,consumer,20000,2025-03-01,2027-03-01,X2,F01,
""",
    "parties": """loan_id,borrower_id,role
L1,P3,guarantor
L1,P5,co_borrower
""",
}
PEOPLE: Final = {
    LI: ("person", "李娜", "11010119900101001X"), SUN: ("person", "孙丽", "110101199002020020"), GUARANTOR: ("person", "赵强", "110101197003030033"),
    COMPANY: ("company", "甲贸易有限公司", "91110000MA00000001"), FAR: ("person", "周舟", "110101198004040044"), PARTNER: ("person", "吴明", "110101198005050055"),
}  # fmt: skip


def _lake(folder: Path) -> None:
    home = open_home(folder / "home", {})
    for table, text in FACTS.items():
        path = folder / f"{table}.csv"
        path.write_text(text, "utf-8")
        report = deliver(home, [path], table, today=dt.date(2026, 3, 1))
        assert not report.exit_code


@contextmanager
def bureau_open(manner: Manner | None = None) -> Iterator[tuple[Book, str]]:
    """A bureau at this machine, and its address; its manner may be changed while it runs."""
    book = Book(manner or Manner())
    server = Server(book)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield book, f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture(scope="session")
def _lender(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return once(tmp_path_factory, "bureau", _lake)


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    with translation.override("en"):
        yield


@pytest.fixture
def home(db: None, _lender: Path, tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Home:
    """The lender; 17 March 2026 at the desk. It knows one bureau `pbc` without a connection."""
    made = Home(shutil.copytree(_lender / "home", tmp_path / "home"), Settings(bureaus=(Bureau("pbc", "Central bureau", "plain_json", Decimal("10.00")),)))  # fmt: skip
    settings.HOME = made
    settings.MEDIA_ROOT = made.files
    monkeypatch.setattr(timezone, "now", lambda: NOW)
    vaulted.put((number, kind, PersonRecord(name=name, id_no=id_no), dt.date(2026, 1, 1)) for number, (kind, name, id_no) in PEOPLE.items())  # fmt: skip
    return made


@pytest.fixture
def book(home: Home, settings: Any) -> Iterator[Book]:
    """What the bureau `pbc` was asked, which is connected."""
    with bureau_open() as (found, url):
        connect(settings, url)
        yield found


def connect(settings: Any, url: str, **more: Any) -> None:
    """Connect the bureau."""
    (bureau,) = settings.HOME.settings.bureaus
    held = replace(settings.HOME.settings, bureaus=(replace(bureau, url=url, **{"seconds": 1.0} | more),))
    settings.HOME = replace(settings.HOME, settings=held)


@pytest.fixture
def staff(home: Home) -> dict[str, User]:
    """An officer of branch X1 with the customers of W01, the branch's manager, a collector, an auditor, and an officer elsewhere."""
    held = {
        "wang": (Role.OFFICER, "X1", "W01"), "he": (Role.MANAGER, "X1", ""), "zhao": (Role.COLLECTOR, "X1", ""), "wu": (Role.AUDITOR, "", ""),
        "far": (Role.OFFICER, "X2", "F01"), "sun": (Role.REVIEWER, "X1", ""),
    }  # fmt: skip
    return {name: user(name, (role, org), officer_id=number, language="en") for name, (role, org, number) in held.items()}  # fmt: skip


def authorised(
    by: User, borrower_id: str = LI, *purposes: str, at: dt.datetime = NOW - 30 * DAY, **more: Any
) -> Authorisation:
    """A consent, recorded."""
    given = Given("HT-2025-001", purposes or ("post_loan_management",), at, **more)
    return authorising.authorise(borrower_id, given, None, asked(by))


def wanted(
    by: User, borrower_id: str = LI, reason: str = "post_loan_management", now: dt.datetime = NOW, **more: Any
) -> Query:
    """A report asked for."""
    stated = {"bureau": "pbc", "key": next(KEYS)} | more
    return asking.ask(Asking(borrower_id, reason=reason, **stated), asked(by), now)


def work(now: dt.datetime = NOW) -> None:
    """Let a sender do all that is due at a moment."""
    while sending.step(now):
        pass


def only() -> Query:
    """The query there is."""
    return Query.objects.get()


def rules(query: Query) -> list[str]:
    """The rules that refused it."""
    return [one["rule"] for one in query.decision["refusals"]]
