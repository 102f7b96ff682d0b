"""The sealer as the process that it is: two at once seal everything once; and the command line over the same home."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path  # noqa: TC003 - of a fixture

import pytest
from django.db import IntegrityError, transaction

from daihou.desk.audit import sealing
from daihou.desk.audit.log import record
from daihou.desk.audit.models import Entry, Link
from desk.desks import put_tables

COUNT = 2_500
INSERT = (
    "INSERT INTO audit_entry (at, actor_id, actor, address, request_id, action, subject_kind, subject_id, detail)"
    " VALUES ('2026-03-01 09:30:00', NULL, 'system', '', '', 'sign_in', 'user', ?, '{}')"
)


def environment(home: Path) -> dict[str, str]:
    return {
        **os.environ,
        "DAIHOU_HOME": str(home),
        "DJANGO_SETTINGS_MODULE": "daihou.desk.settings",
        "LC_ALL": "C.UTF-8",
        "DATABASE_URL": "",
    }


@pytest.fixture
def home(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with a database of its own."""
    put_tables(tmp_path_factory, tmp_path)
    return tmp_path


def daihou(home: Path, *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", "from daihou.cli.main import main; main()", *words]
    return subprocess.run(command, env=environment(home), capture_output=True, text=True)


def links(home: Path) -> int:
    with sqlite3.connect(home / "desk.sqlite3", timeout=20) as db:
        return int(db.execute("SELECT count(*) FROM audit_link").fetchone()[0])


def test_two_sealers_seal_everything_once_and_the_command_line_verifies_it(home: Path) -> None:
    with sqlite3.connect(home / "desk.sqlite3", timeout=20) as db:
        triggers = {name for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")}
    assert triggers == {
        "audit_entry_no_update",
        "audit_entry_no_delete",
        "audit_link_no_update",
        "audit_link_no_delete",
    }

    command = [sys.executable, "-m", "daihou.desk.audit.sealer"]
    sealers = [subprocess.Popen(command, env=environment(home), stderr=subprocess.PIPE, text=True) for _ in range(2)]
    deadline = time.monotonic() + 60
    for batch in range(COUNT // 500):
        with sqlite3.connect(home / "desk.sqlite3", timeout=20) as db:
            db.executemany(INSERT, [(f"u{batch}.{number}",) for number in range(500)])
        while links(home) < 500 * (batch + 1):
            assert time.monotonic() < deadline, "not sealed in time"
            time.sleep(0.2)
    for sealer in sealers:
        sealer.send_signal(signal.SIGTERM)
    said = [sealer.communicate(timeout=20)[1] for sealer in sealers]
    assert [sealer.returncode for sealer in sealers] == [0, 0], said
    assert links(home) == COUNT
    assert int((home / "audit.heads").read_text().split()[0]) >= 500

    good = daihou(home, "audit", "verify")
    assert (good.returncode, good.stderr) == (0, "")
    assert f"{COUNT:,} links computed again" in good.stdout

    out = home / "log.csv"
    assert daihou(home, "audit", "export", "-o", str(out)).returncode == 0
    lines = out.read_text("utf-8-sig").splitlines()
    assert lines[0].startswith("seq,hash,id,at,")
    assert len(lines) == COUNT + 3, "a head, and the entries of verifying and of taking out"
    assert daihou(home, "audit", "export", "-o", str(home / "log.jsonl")).returncode == 0
    assert daihou(home, "audit", "export", "-o", str(home / "log.pdf")).returncode == 2

    with sqlite3.connect(home / "desk.sqlite3", timeout=20) as db:
        db.execute("DROP TRIGGER audit_entry_no_update")
        db.execute("UPDATE audit_entry SET actor = 'another' WHERE id = 1200")
    bad = daihou(home, "audit", "verify")
    assert bad.returncode == 1
    assert "entry 1200 is not what was sealed" in bad.stderr


def test_of_two_who_start_from_the_same_link_one_loses(db: None) -> None:
    for number in range(3):
        record(None, "sign_in", "user", str(number))
    entries = list(Entry.objects.order_by("pk"))
    assert sealing.append(None, entries[:2]) == 2
    with pytest.raises(IntegrityError), transaction.atomic():
        sealing.append(None, entries[2:])
    assert Link.objects.count() == 2


def test_a_transaction_seals_a_thousand_at_most(db: None) -> None:
    Entry.objects.bulk_create(
        Entry(at="2026-03-01T00:00:00Z", actor="a", action="sign_in", subject_kind="user", subject_id=str(number))
        for number in range(1_100)
    )
    assert [sealing.seal(), sealing.seal(), sealing.seal()] == [1_000, 100, 0]
