"""The connection to each bureau that the home names."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from django.conf import settings

from daihou.book.bureaus import PRINTED
from daihou.desk.bureau.choices import Trouble
from daihou.desk.bureau.connectors.http import Http
from daihou.desk.notices.handing import FailedError

if TYPE_CHECKING:
    from daihou.desk.bureau.connectors.connector import Connector


def ready() -> list[str]:
    """The codes of the bureaus that queries are sent to."""
    return [one.code for one in settings.HOME.settings.bureaus if one.connected]


def of(code: str) -> Connector:
    """The connection to a bureau; FailedError where there is none, or its token is none that can be sent."""
    bureau = settings.HOME.settings.bureau(code)
    if bureau is None or not bureau.connected:
        raise FailedError(Trouble.NO_BUREAU)
    token = (
        os.environ.get(bureau.token_env, "").strip() if bureau.token_env else ""
    )  # a file that is mounted ends its line
    if bureau.token_env and not PRINTED.fullmatch(token):
        raise FailedError(Trouble.SIGN_IN, f"{bureau.token_env} is not set, or no token")
    return Http(bureau, token)
