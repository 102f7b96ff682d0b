"""A PostgreSQL of one's own for as long as a command runs: `python tests/postgres.py COMMAND…` runs it with DATABASE_URL set.

Without a command it prints DATABASE_URL and stays until its input ends. The cluster lives in a temporary folder and listens on a Unix socket
there alone. Where PostgreSQL is not installed the command is left out; with DAIHOU_TEST_ALL=1 that is a failure.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

if TYPE_CHECKING:
    from collections.abc import Iterator

QUICK = ("fsync=off", "full_page_writes=off", "synchronous_commit=off", "max_connections=50", "listen_addresses=")
"""A cluster that is thrown away need not survive a loss of power."""


def programs() -> Path | None:
    """The folder of the newest PostgreSQL installed."""
    stated = shutil.which("initdb")
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: float(path.parts[-3]))
    return Path(stated).parent if stated else found[-1].parent if found else None


@contextmanager
def cluster(programs: Path) -> Iterator[str]:
    """A running cluster; its DATABASE_URL."""
    folder = Path(tempfile.mkdtemp(prefix="daihou-pg-", dir="/tmp"))
    if os.geteuid() == 0:  # PostgreSQL refuses to run as root
        shutil.chown(folder, "postgres")
    try:
        data = str(folder / "data")
        _run(programs / "initdb", "--auth=trust", "--username=daihou", "--encoding=UTF8", "--no-locale", "-D", data)
        settings = " ".join(f"-c {each}" for each in (*QUICK, f"unix_socket_directories={folder}"))
        _run(programs / "pg_ctl", "start", "--wait", "-D", data, "-l", str(folder / "log"), "-o", settings)
        try:
            yield f"postgres://daihou@{quote(str(folder), safe='')}/postgres"
        finally:
            _run(programs / "pg_ctl", "stop", "--wait", "--mode=immediate", "-D", data)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _run(program: Path, *words: str) -> None:
    """Run a program of PostgreSQL, as `postgres` where we are root."""
    first = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    # The server keeps what it inherits, so a pipe would never end: its words go to its log.
    ended = subprocess.run([*first, str(program), *words], cwd="/", stdout=subprocess.DEVNULL, check=False)
    if ended.returncode:
        raise SystemExit(f"{program.name} ended with {ended.returncode}")


def main(command: list[str]) -> int:
    """Run the command, or wait; its exit code."""
    found = programs()
    if found is None:
        print("PostgreSQL is not installed: the desk is not tested on it.", file=sys.stderr)
        return 1 if os.environ.get("DAIHOU_TEST_ALL") else 0
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that the cluster is stopped then too
    with cluster(found) as url:
        if command:
            return subprocess.run(command, env=os.environ | {"DATABASE_URL": url}, check=False).returncode
        print(f"DATABASE_URL={url}", flush=True)
        sys.stdin.read()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
