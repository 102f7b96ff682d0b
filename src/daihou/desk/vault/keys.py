"""The keyset of the home, opened once a process, and again when its file changes."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from django.conf import settings
from django.utils import timezone

from daihou.book import lake
from daihou.desk.vault.models import FileKey, Person
from daihou.vault.keyset import keyset_path, open_keyset

if TYPE_CHECKING:
    from daihou.book.home import Home
    from daihou.vault.keyset import Keyset


def keyset() -> Keyset:
    """The keyset, made on first use, but never beside people who are sealed already; DaihouError when it is missing then, or damaged."""
    home: Home = settings.HOME
    try:
        stated = keyset_path(home).stat()
    except OSError:
        sealed = Person.objects.filter(erased_at=None).exists() or FileKey.objects.exists()
        return open_keyset(home, on=timezone.localdate(), must_exist=sealed)
    return _opened(home, stated.st_ino, stated.st_size, stated.st_mtime_ns)


def token_keyset() -> Keyset:
    """The keyset for tokens of counterparties; DaihouError where it is missing beside tokens made with it: another one would make other tokens."""
    if not made():
        for batch in lake.read(settings.HOME, "transactions", ["counterparty_token"]):
            if batch.column(0).null_count < batch.num_rows:
                return open_keyset(settings.HOME, on=timezone.localdate(), must_exist=True)
    return keyset()


def made() -> bool:
    """Whether the home has a keyset: without one nobody can be sealed."""
    return keyset_path(settings.HOME).exists()


@lru_cache(maxsize=2)
def _opened(home: Home, _inode: int, _size: int, _changed: int) -> Keyset:
    """The keyset as its file stands: another process may have rotated it."""
    return open_keyset(home, on=timezone.localdate(), must_exist=True)
