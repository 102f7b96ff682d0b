"""Made ready before anybody asks: the newest loans on the shelf, and in each web process what pages of the whole lender are computed from."""

from __future__ import annotations

import logging
import threading
import time
from typing import TYPE_CHECKING, Final

from daihou.book.errors import DaihouError

if TYPE_CHECKING:
    from collections.abc import Callable

    from daihou.desk.portfolio.moments import Moment

LOG = logging.getLogger(__name__)

LOOK_SECONDS: Final = 5.0
"""How often a web process looks whether a run has written."""


def shelve() -> None:
    """Put the newest pair of dates, its open signals and the pair of the month before on the shelf; nothing where no run was written yet. Never fails."""
    _quietly(_shelve)


def start() -> threading.Thread:
    """In a web process: read the newest dates in the background, now and after every run."""
    thread = threading.Thread(target=_watch, name="reading ahead", daemon=True)
    thread.start()
    return thread


def _watch() -> None:
    from django.conf import settings

    from daihou.book.lake import stamp as stamp_of
    from daihou.desk.reports import pdf

    _quietly(_pages)
    seen = ""
    while True:
        stamp = stamp_of(settings.HOME.lake / "runs")
        if stamp != seen:
            _quietly(fill)
            seen = stamp
            pdf.ready()
        time.sleep(LOOK_SECONDS)


def _quietly(work: Callable[[], None]) -> None:
    """Do what may as well be left undone."""
    try:
        work()
    except DaihouError:  # nothing was run yet; pages say so
        pass
    except Exception:
        LOG.exception("reading ahead failed; who asks first waits a little longer")


def _shelve() -> None:
    from django.conf import settings
    from django.http import QueryDict

    from daihou.desk.portfolio import moments, reading, shelf
    from daihou.desk.signals.watch import watch
    from daihou.runs.policies import read_policies

    found = moments.moment(QueryDict())
    for pair in (found.before, found.pair):
        if pair is not None:
            scheme = read_policies(settings.HOME).scheme(reading.SCHEME, pair[0])
            shelf.take(settings.HOME.path / "shelf", moments.files("snapshots", pair, found.stamp), scheme)
    watched = watch(found)
    if watched is not None:
        _ = watched.file


def _pages() -> None:
    """Import every page, and compile the two that are opened first."""
    from django.template.loader import get_template
    from django.urls import get_resolver

    _ = get_resolver().url_patterns
    for name in ("account/login.html", "portfolio/overview.html", "portfolio/loans.html", "portfolio/loan.html"):
        get_template(name)


def fill() -> None:
    """Keep what the overview of the whole lender is made from."""
    from django.http import QueryDict

    from daihou.desk.people.reach import Part, Reach
    from daihou.desk.portfolio import drawings, frame, moments, moves, summary
    from daihou.desk.portfolio.book import Cut, book, option_values

    whole, uncut = Reach((Part(None),)), Cut()
    found = moments.moment(QueryDict())
    over = book(found, whole, uncut)
    summary.balances(over)
    for name in drawings.DRAWN:
        drawings.draw(name, over, uncut)
    frame.tie(found)
    option_values(found, whole)
    if found.before:
        moves.matrix(found, found.before, whole, uncut.values())
    _one_loan(found)


def _one_loan(found: Moment) -> None:
    """Explain the first loan: what every loan page needs is loaded with it, the kernels above all."""
    from django.conf import settings

    from daihou.desk.portfolio import accounts, life
    from daihou.runs.explain import explain_in

    ledger = accounts.ledger()
    if ledger.loans:
        told = explain_in(settings.HOME, ledger, ledger.index["loan_id"][0], found.known_on, found.known_on)
        life.chart(told, life.days(told))


if __name__ == "__main__":
    import os

    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "daihou.desk.settings")
    django.setup()
    shelve()
