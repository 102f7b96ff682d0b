"""What a process of the desk tries again: what is wrong with the database, a policy or a file is said once, and nothing ends."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


def attempted(work: Callable[[], None], waits: str, quicker: str) -> str:
    """Do something that may be tried again; what was wrong, or nothing. `waits` is what waits meanwhile; `quicker` is said where another process was so."""
    import duckdb
    import polars as pl
    from django.db import DatabaseError, InterfaceError

    from daihou.book.errors import DaihouError
    from daihou.desk.following import OvertakenError

    try:
        work()
    except OvertakenError:
        return quicker
    except DaihouError as error:
        return f"{waits} wait: {error}"
    except (DatabaseError, InterfaceError) as error:
        return f"{waits} wait for the database: {error}"
    except (OSError, duckdb.Error, pl.exceptions.PolarsError) as error:
        return f"{waits} wait for a file: {error}"
    return ""
