"""Where raw reports and scans of authorisations lie: sealed with the key of the borrower's files, in a folder of the borrower's."""

from __future__ import annotations

import hashlib
from io import BytesIO
from typing import TYPE_CHECKING

from daihou.desk.bureau.models import Authorisation, Result
from daihou.desk.files import keeping
from daihou.desk.files.fitness import Incoming

if TYPE_CHECKING:
    from contextlib import AbstractContextManager


def kept(borrower_id: str, incoming: Incoming) -> AbstractContextManager[str]:
    """The file in its place while its row is written; gives the path that the row names."""
    known = {
        digest
        for model in (Authorisation, Result)
        for digest in model.objects.filter(borrower_id=borrower_id).exclude(digest="").values_list("digest", flat=True)
    }
    return keeping.kept(f"bureau/{hashlib.sha256(borrower_id.encode()).hexdigest()[:24]}", known, incoming, borrower_id)


def incoming(raw: bytes, name: str, mime: str) -> Incoming:
    """A report that came over a connection, as a file."""
    return Incoming(name, mime, len(raw), hashlib.sha256(raw).hexdigest(), BytesIO(raw))


def read(row: Authorisation | Result) -> bytes:
    """What lies there; DamagedError, ErasedError."""
    file = row.scan if isinstance(row, Authorisation) else row.content
    return keeping.read(file.path, row.digest, row.borrower_id)
