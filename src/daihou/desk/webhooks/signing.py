"""Secrets of hooks and what is signed with them, after the Standard Webhooks specification: id, moment and body by HMAC-SHA256."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets
from typing import TYPE_CHECKING, Final

import tink

from daihou.book.errors import DaihouError
from daihou.desk.vault.keys import keyset
from daihou.desk.webhooks.choices import Trouble
from daihou.desk.webhooks.errors import DeliveryError

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence

    from daihou.desk.webhooks.models import Hook

PREFIX: Final = "whsec_"
"""How a secret begins, so that scanners of source code find one that was left there."""
BYTES: Final = 32
"""Of a secret: as many as the hash has (RFC 2104, 3)."""
PURPOSE: Final = b"secret of webhooks"
"""Bound to each sealed secret, so that it opens as nothing else."""


def fresh() -> str:
    """A new secret."""
    return PREFIX + base64.b64encode(secrets.token_bytes(BYTES)).decode()


def seal(secret: str) -> str:
    """A secret as it is stored."""
    return base64.b64encode(keyset().encrypt(secret.encode(), PURPOSE)).decode()


def unseal(sealed: str) -> str:
    """A secret as it is used; DeliveryError where the keyset that sealed it is gone."""
    try:
        return keyset().decrypt(base64.b64decode(sealed, validate=True), PURPOSE).decode()
    except (binascii.Error, tink.TinkError, DaihouError) as error:
        raise DeliveryError(Trouble.UNREADABLE) from error


def of(hook: Hook, now: dt.datetime) -> list[str]:
    """The secrets that a request of a moment is signed with: the newest first, and for a while after a change the one before."""
    older = hook.older_secret if hook.older_until is not None and now < hook.older_until else ""
    return [unseal(sealed) for sealed in (hook.secret, older) if sealed]


def headers(uid: str, at: dt.datetime, body: bytes, with_secrets: Sequence[str]) -> dict[str, str]:
    """What tells the receiver which event it is, when it was sent, and that it comes from here unchanged."""
    moment = int(at.timestamp())
    signed = b".".join((uid.encode(), str(moment).encode(), body))
    return {
        "webhook-id": uid,
        "webhook-timestamp": str(moment),
        "webhook-signature": " ".join(f"v1,{_signature(secret, signed)}" for secret in with_secrets),
    }


def _signature(secret: str, signed: bytes) -> str:
    key = base64.b64decode(secret.removeprefix(PREFIX))
    return base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()
