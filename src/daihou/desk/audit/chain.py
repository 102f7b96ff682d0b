"""The chain of the audit log: what of an entry is hashed, and how a link follows from the one before. Pure arithmetic."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from daihou.desk.audit.models import Entry

GENESIS: Final = "0" * 64
"""What stands before the first link."""


def canonical(entry: Entry) -> bytes:
    """An entry as bytes: JSON with sorted keys and no spaces, its time in UTC. Two databases that hold the same give the same."""
    content = {
        "id": entry.pk,
        "at": entry.at.astimezone(dt.UTC).isoformat(timespec="microseconds"),
        "actor_id": entry.actor_id,
        "actor": entry.actor,
        "address": entry.address,
        "request_id": entry.request_id,
        "action": entry.action,
        "subject_kind": entry.subject_kind,
        "subject_id": entry.subject_id,
        "detail": entry.detail,
    }
    return json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def link_hash(previous: str, content: bytes) -> str:
    """The hash of a link, in hex: SHA-256 over the hash before it and the bytes of its entry."""
    return hashlib.sha256(previous.encode("ascii") + content).hexdigest()
