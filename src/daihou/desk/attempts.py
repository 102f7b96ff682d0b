"""What a process of the desk tries again: what is wrong with the database, a policy or a file is said once, and nothing ends."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import logging
    from collections.abc import Callable


def attempted(work: Callable[[], None], waits: str, overtaken: type[Exception], by: str) -> str:
    """Do something that may be tried again; what was wrong, or nothing. `waits` is what waits meanwhile; `by` is said where another process was quicker."""
    import duckdb
    import polars as pl
    from django.db import DatabaseError, InterfaceError

    from daihou.book.errors import DaihouError

    try:
        work()
    except overtaken:
        return by
    except DaihouError as error:
        return f"{waits} wait: {error}"
    except (DatabaseError, InterfaceError) as error:
        return f"{waits} wait for the database: {error}"
    except (OSError, duckdb.Error, pl.exceptions.PolarsError) as error:
        return f"{waits} wait for a file: {error}"
    return ""


def say_once(log: logging.Logger, said: dict[str, str], part: Callable[[], None], wrong: str) -> None:
    """Say what was wrong with a part of a process's work, unless it was said; `said` holds by part what was wrong when it was tried last."""
    if wrong and wrong not in said.values():
        log.warning("%s", wrong)
    said[part.__name__] = wrong
