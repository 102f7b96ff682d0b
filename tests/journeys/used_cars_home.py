"""A desk over the real used-car book as it stood in the spring of 2020: `python -m journeys.used_cars_home FILE` makes its home in DAIHOU_HOME."""

from __future__ import annotations

import datetime as dt
import shutil
import sys
from pathlib import Path
from typing import Final

from daihou.cli.desk import bring_up_to_date, django_ready
from examples.test_auto_loans import take_in
from journeys.cast import CHINESE, ROLES
from journeys.home import enter_users

TRAINED_ON: Final = dt.date(2020, 3, 31)
"""The last date that is measured when the desk opens."""


def main(file: Path) -> None:
    """Make the home that DAIHOU_HOME names."""
    home = django_ready()
    made = home.path.with_suffix(".made")
    made.mkdir()
    take_in(made, file, TRAINED_ON)
    shutil.copytree(made / "home", home.path, dirs_exist_ok=True)
    bring_up_to_date()
    enter_users(home, [player for player in (*ROLES, *CHINESE) if player.officer is None])


if __name__ == "__main__":
    main(Path(sys.argv[1]))
