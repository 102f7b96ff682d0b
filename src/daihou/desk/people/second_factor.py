"""How secrets of second factors stand in the database: sealed under the keyset of the home, so that a copy of the database opens no account."""

from __future__ import annotations

import base64
import binascii
from typing import Final

import tink
from allauth.mfa.adapter import DefaultMFAAdapter

from daihou.book.errors import DaihouError
from daihou.desk.vault.keys import keyset

PURPOSE: Final = b"second factor"
"""Bound to each sealed secret, so that it opens as nothing else."""


class Adapter(DefaultMFAAdapter):  # type: ignore[misc]
    """Seals what allauth would write in clear."""

    def encrypt(self, text: str) -> str:
        """A secret as it is stored."""
        return base64.b64encode(keyset().encrypt(text.encode(), PURPOSE)).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """A secret as it is used; DaihouError where the keyset that sealed it is gone."""
        try:
            return keyset().decrypt(base64.b64decode(encrypted_text, validate=True), PURPOSE).decode()
        except (binascii.Error, tink.TinkError) as error:
            raise _unreadable() from error


def _unreadable() -> DaihouError:
    return DaihouError(
        "The second factor of this account cannot be read: it was sealed under another keyset.",
        "Ask an administrator to reset it, then set it up again.",
        zh=("该账户的双重验证无法读取：它由另一套密钥封存。", "请联系管理员重置，然后重新设置。"),
    )
