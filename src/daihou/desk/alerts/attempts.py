"""What a process of alerts tries again: what is wrong with the database, a policy, the log or a file is said, and nothing ends."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


def attempted(work: Callable[[], None]) -> str:
    """Do something that may be tried again; what was wrong, or nothing."""
    import duckdb
    import polars as pl
    from django.db import DatabaseError, InterfaceError

    from daihou.book.errors import DaihouError
    from daihou.desk.alerts.ingest import OvertakenError

    try:
        work()
    except OvertakenError:
        return "another process takes signals in"
    except DaihouError as error:
        return f"alerts wait: {error}"
    except (DatabaseError, InterfaceError) as error:
        return f"alerts wait for the database: {error}"
    except (OSError, duckdb.Error, pl.exceptions.PolarsError) as error:
        return f"alerts wait for a file: {error}"
    return ""
