"""What may be uploaded, how large, and how much of it is shown: the numbers that pages and messages name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from daihou.book import contracts

if TYPE_CHECKING:
    from daihou.book.contracts import Table

UPLOAD_BYTES: Final = 512 << 20
"""All files of one upload together; what is larger goes by `daihou intake`."""
UPLOAD_FILES: Final = 20
UNPACKED_BYTES: Final = 400 << 20
"""What a workbook may come to once unpacked, since it is read whole: a small file may hold a very large sheet."""
MAPPING_BYTES: Final = 256 << 10
FREE_BYTES: Final = 1 << 30
"""What stays free on the disk whatever is uploaded: intake needs room too."""
KEPT_HOURS: Final = 24
"""How long files of an upload lie that nobody took in."""

PREVIEW_ROWS: Final = 20
CHECKED_ROWS: Final = 1_000
PAGE_ROWS: Final = 50
DOWNLOAD_ROWS: Final = 200_000
"""The most rows of quarantine in one download."""

VAULT_TABLES: Final = False
"""Whether tables that name people may be uploaded here: the vault has its own way in."""


def uploadable() -> dict[str, Table]:
    """The tables that may be uploaded, by name, in the order of the contract."""
    return {name: table for name, table in contracts.TABLES.items() if VAULT_TABLES or not table.vault}
