"""How addresses of channels stand in the database: sealed under the keyset of the home, as secrets of second factors are."""

from __future__ import annotations

import base64
import binascii
from typing import Final

import tink

from daihou.book.errors import DaihouError
from daihou.desk.notices.choices import Trouble
from daihou.desk.notices.handing import FailedError
from daihou.desk.vault.keys import keyset

PURPOSE: Final = b"channel of notices"
"""Bound to each sealed address, so that it opens as nothing else."""


def seal(address: str) -> str:
    """An address as it is stored."""
    return base64.b64encode(keyset().encrypt(address.encode(), PURPOSE)).decode()


def unseal(sealed: str) -> str:
    """An address as it is used; FailedError where the keyset that sealed it is gone."""
    try:
        return keyset().decrypt(base64.b64decode(sealed, validate=True), PURPOSE).decode()
    except (binascii.Error, tink.TinkError, DaihouError) as error:
        raise FailedError(Trouble.UNREADABLE) from error
