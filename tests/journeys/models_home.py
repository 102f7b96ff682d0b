"""A home to train in: a book that ends yesterday, measured at its month ends, and who trains and who approves.

`python -m journeys.models_home` makes it in DAIHOU_HOME. The desk's clock is the machine's, and an approval holds from today on: so the book ends yesterday.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path
from typing import Final

import scoring_home
from blinded import blinder
from daihou.book.business_date import business_date
from daihou.book.days import month_ends
from daihou.book.intake import deliver
from daihou.cli.desk import bring_up_to_date, django_ready
from daihou.runs.nightly import run_all
from daihou.simulation.book import simulate
from daihou.simulation.parameters import shipped
from journeys.cast import CHINESE, ROLES
from journeys.home import enter_users

PROFILE: Final = "online"
DESIGN: Final = "design.yaml"
"""Where the design lies that the journey trains."""


def main() -> None:
    """Make the home that DAIHOU_HOME names."""
    home = django_ready()
    bring_up_to_date()
    today = business_date(home.settings, dt.datetime.now(dt.UTC))
    given = replace(shipped(PROFILE), ends_on=today - dt.timedelta(days=1))
    made = simulate(given, scoring_home.LOANS, scoring_home.MONTHS, 3, home.path / "sent", scoring_home.quiet)
    for table in made.rows:
        files = [Path(file) for file in made.files(table)]
        deliver(home, files, table, today=made.last_on, progress=scoring_home.quiet, blinder=blinder(home))
    ends = month_ends(made.first_on, made.last_on)
    scoring_home.policies(home)
    run_all(home, [(end, end) for end in ends], scoring_home.quiet)
    enter_users(home, [player for player in (*ROLES, *CHINESE) if player.officer is None])
    text = scoring_home.Scoring(home, [*ends, today, today]).design("loan")
    (home.path / DESIGN).write_text(
        text.replace(
            "subject: loan", "purpose: {en: Says whom to call first., zh: 用于确定优先联系的客户。}\nsubject: loan"
        ),
        "utf-8",
    )


if __name__ == "__main__":
    main()
