"""The demo's desk: its people in the vault, a user for each role, and its opening at a free port."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Final

from daihou.book.errors import DaihouError
from daihou.cli import clock
from daihou.cli.language import chinese, text
from daihou.cli.progress import shown

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from rich.table import Table

    from daihou.book.home import Home
    from daihou.cli.demo_alerts import Alerts
    from daihou.cli.demo_collection import Collection
    from daihou.demo.staff import Member

HOST: Final = "127.0.0.1"
PORTS: Final = 50
"""How many ports are tried."""
ELSEWHERE: Final = ("DATABASE_URL", "DAIHOU_HTTPS", "DAIHOU_HOSTS")
"""Settings of a real desk that are not for the demo's: its database lies in its home, and it is opened at this machine."""


def furnish(home: Home, people: Sequence[Path]) -> int:
    """Make the desk's database in the home and seal the people; how many."""
    from daihou.book.business_date import open_business_date
    from daihou.book.intake import deliver
    from daihou.cli.desk import bring_up_to_date, django_ready

    for name in ELSEWHERE:
        os.environ.pop(name, None)
    os.environ["DAIHOU_HOME"] = str(home.path)
    django_ready()
    bring_up_to_date()
    if not people:
        return 0
    from daihou.desk.vault.sink import PeopleSink

    today = open_business_date(home, clock.now())
    with shown() as progress:
        sinks = {"people": PeopleSink(home)}
        return deliver(home, list(people), "people", today=today, progress=progress, sinks=sinks).new


def enter(members: Sequence[Member]) -> str:
    """Enter the users, all with one password that need not be changed; the password."""
    from django.contrib.auth.hashers import make_password

    from daihou.desk.audit.log import record
    from daihou.desk.people import transitions
    from daihou.desk.people.models import User

    password = transitions.one_time_password()
    kept = make_password(password)  # once for all: it takes a while, by intention
    for member in members:
        user = User.objects.create(
            username=member.username, name=text(*member.name), officer_id=member.officer_id, password=kept,
            language="zh-hans" if chinese() else "en",
        )  # fmt: skip
        record(
            None, "user.create", "user", user.username, {"after": {"name": user.name, "officer_id": user.officer_id}}
        )
        transitions.grant(user, member.role, member.org_id, None)
    return password


def raise_alerts(members: Sequence[Member]) -> Alerts:
    """Take in what the last run found, and work on some of it as the users; how much there is."""
    from daihou.cli import demo_alerts

    with shown() as progress:
        progress("alerts", 0, 1)
        demo_alerts.take_in()
        progress("alerts", 1, 1)
    return demo_alerts.work_on(members, chinese=chinese())


def collect(home: Home, members: Sequence[Member], *, told: bool) -> Collection:
    """Live through some days of collection, up to now; what the desk has of it. `told`: whether anybody is in the vault."""
    from django.utils import timezone

    from daihou.cli import demo_collection
    from daihou.runs import store

    runs = sorted(as_of for as_of, known_on in store.pairs(home) if as_of == known_on)
    with shown() as progress:
        progress("cases", 0, 1)
        lived = demo_collection.live(members, runs, timezone.now(), told=told, chinese=chinese())
        progress("cases", 1, 1)
    return lived


def table(members: Sequence[Member]) -> Table:
    """Who may sign in, what they see, and what is worth looking at."""
    from rich import box
    from rich.table import Table

    from daihou.desk.people import orgs
    from daihou.desk.people.roles import Role

    made = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for heading in (("user", "用户名"), ("name", "姓名"), ("of", "范围"), ("look at", "看什么")):
        made.add_column(text(*heading), overflow="fold")
    tree = orgs.tree()
    for member in members:
        part = " ".join(dict.fromkeys((member.org_id, tree.name(member.org_id)))) or text("whole lender", "全机构")
        name = text(member.name[0], f"{member.name[1]}（{Role(member.role).label}）")
        made.add_row(member.username, name, part, text(*member.look))
    return made


def open_desk(port: int) -> None:
    """Go on as `daihou serve` at the first free port from one on; what the demo has in memory is let go."""
    words = ["daihou.cli.main", "serve", "--host", HOST, "--port", str(_free(port)), "--browser"]
    sys.stdout.flush()
    os.execv(sys.executable, [sys.executable, "-m", *words])  # noqa: S606 - the words are ours


def _free(first: int) -> int:
    """The first port that nobody listens on; DaihouError of the last one tried where all are taken."""
    from daihou.cli.serve import check_port

    ports = range(first, min(first + PORTS, 65536))
    for port in ports[:-1]:
        try:
            check_port(HOST, port)
        except DaihouError:
            continue
        return port
    check_port(HOST, ports[-1])
    return ports[-1]
