"""Collection for the journeys: cases with lists of today in the shared home, for the pictures; and a small bank of its own, in which a promise is taken and kept.

`python -m journeys.collection_at_work make` makes that bank in DAIHOU_HOME; `… at HOUR PERSON` lets somebody live where it is that hour now.
"""

from __future__ import annotations

import datetime as dt
import json
import sys
from typing import TYPE_CHECKING, Final

from desk.casework.clocks import zone_where_it_is

if TYPE_CHECKING:
    from daihou.book.home import Home
    from daihou.desk.people.models import User

NOTED: Final = "collection.json"
"""In the shared home: which case is looked at."""
GIVEN: Final = 12
"""Cases that the collector who reads Chinese is given, so that somebody has a list."""
MORNING: Final = dt.time(7)
DUE: Final = (-40, -12, 18, 48)
"""When the instalments of each loan of the small bank are due, in days from today; nothing was ever paid."""
DEBTORS: Final = {
    "C1": ("陈小明", "13900001111", "chen@mail.example", 1_100),
    "C2": ("王大力", "13900002222", "wang@mail.example", 900),
}
"""Name, number, mail address and the instalment: who owes more is called first."""


def begin(home: Home) -> None:
    """Open the cases of the shared home and make the lists of today, and note the case that is looked at: one with a past where there is one, as in the demo."""
    from django.utils import timezone

    from daihou.cli.demo_handling import asked
    from daihou.desk.casework import following, lists, transitions
    from daihou.desk.casework.models import OPEN, Case, Row
    from daihou.desk.people.models import User

    now = timezone.now()
    following.follow(now)
    collector, manager = (User.objects.get(username=name) for name in ("collector-zh", "manager-zh"))
    overdue = Case.objects.filter(OPEN, stage__in=("M1", "M2", "M3"), agency=None).exclude(owner=collector)
    for case in overdue.select_related("owner", "agency").order_by("-promises_broken", "-claim", "pk")[:GIVEN]:
        transitions.assign(case, case.revision, collector, "", asked(manager))
    today = timezone.localdate(now)
    lists.make(today, timezone.make_aware(dt.datetime.combine(today, MORNING)))
    first = Row.objects.filter(day=today, owner=collector).order_by("-case__promises_broken", "place")[0]
    (home.path / NOTED).write_text(json.dumps({"case": first.case_id, "borrower": first.case.borrower_id}), "utf-8")


def noted(home: Home) -> dict[str, str]:
    """The case that is looked at, and its borrower."""
    found: dict[str, str] = json.loads((home.path / NOTED).read_text("utf-8"))
    return found


def make() -> None:
    """The small bank: two debtors behind, a collector and who manages, the run of yesterday, and the lists of today. It is noon there."""
    from django.utils import timezone

    from daihou.book.home import SETTINGS_FILE
    from daihou.cli.desk import bring_up_to_date, django_ready
    from daihou.cli.home import current

    path = current().path
    (path / SETTINGS_FILE).write_text(f'timezone = "{zone_where_it_is(12)}"\nbase_currency = "CNY"\n', "utf-8")
    home = django_ready()
    bring_up_to_date()
    today = timezone.localdate()
    _owe(home, today)
    for person in DEBTORS:
        live_at(12, person)
    _users()
    from daihou.desk.casework import following, lists

    following.follow(timezone.now())
    lists.make(today, timezone.make_aware(dt.datetime.combine(today, MORNING)))


def _owe(home: Home, today: dt.date) -> None:
    from daihou.book.intake import deliver
    from daihou.runs.nightly import run

    begun = today - dt.timedelta(days=100)
    loans = [
        "loan_id,borrower_id,product,principal,disbursed_on,matures_on,currency,org_id,asset_class,repayment_method,known_on"
    ]
    dues = ["loan_id,seq,due_on,principal,interest,known_on"]
    for person, (_name, _phone, _mail, month) in DEBTORS.items():
        last = today + dt.timedelta(days=DUE[-1])
        loans.append(
            f"L-{person},{person},consumer,{4 * (month - 100)}.00,{begun},{last},CNY,B01,personal,equal_principal,{begun}"
        )
        for seq, due in enumerate(DUE, 1):
            dues.append(f"L-{person},{seq},{today + dt.timedelta(days=due)},{month - 100}.00,100.00,{begun}")
    for table, lines in (("loans", loans), ("instalments", dues)):
        file = home.path / f"{table}.csv"
        file.write_text("\n".join(lines) + "\n", "utf-8")
        report = deliver(home, [file], table, today=today)
        assert not report.quarantined, report.examples
    yesterday = today - dt.timedelta(days=1)
    run(home, yesterday, yesterday, lambda *_: None)


def _users() -> dict[str, User]:
    from django.contrib.auth.hashers import make_password

    from daihou.desk.people.models import Membership, User
    from journeys.cast import PASSWORD

    kept, found = make_password(PASSWORD), {}
    for username, role, name in (("caller", "collector", "Zhao Gang"), ("chief", "manager", "Wang Min")):
        found[username] = User.objects.create(username=username, password=kept, name=name, language="en")
        Membership.objects.create(user=found[username], role=role, org_id="")
    return found


def live_at(hour: int, person: str) -> None:
    """Put somebody into the vault who lives where it is that hour now."""
    from daihou.desk.vault import people
    from daihou.vault.person import PersonRecord

    name, phone, mail, _month = DEBTORS[person]
    record = PersonRecord(
        name=name, phones=(phone,), emails=(mail,), address="江州市城南区幸福路12号", timezone=zone_where_it_is(hour), language="en"
    )  # fmt: skip
    people.put([(person, "person", record, dt.datetime.now(dt.UTC).date())])


def main() -> None:
    """Make the bank, or let somebody live elsewhere."""
    match sys.argv[1:]:
        case ["make"]:
            make()
        case ["at", hour, person]:
            from daihou.cli.desk import django_ready

            django_ready()
            live_at(int(hour), person)


if __name__ == "__main__":
    main()
