"""The keyset: made once, private, never replaced unasked, rotated without losing what it wrapped."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import date
from typing import TYPE_CHECKING

import pytest

from daihou.book.errors import DaihouError
from daihou.book.home import Home
from daihou.vault.keyset import Keyset, keyset_path, open_keyset, rotate, rotate_tokens, stale, status, wrapped_under
from daihou.vault.seal import new_data_key, rewrap, seal, unseal, unwrap, wrap
from vault.conftest import FIRST, ZHANG

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

LATER = date(2026, 7, 1)
STARTS = """
import sys
from datetime import date
from pathlib import Path
from daihou.book.home import Home
from daihou.vault.keyset import open_keyset
from daihou.vault.tokens import token
print("ready", flush=True)
sys.stdin.readline()
keyset = open_keyset(Home(Path(sys.argv[1])), on=date(2026, 1, 5), must_exist=False)
print(keyset.primary("wrapping").key_id, token(keyset, "name", "张三"))
"""


def test_the_keyset_is_made_on_first_use_and_is_the_same_ever_after(home: Home) -> None:
    first = open_keyset(home, on=FIRST, must_exist=False)
    again = open_keyset(home, on=LATER, must_exist=True)
    assert again.keys == first.keys
    assert [(key.purpose, key.primary, key.made_on) for key in again.keys] == [
        ("wrapping", True, FIRST),
        ("tokens", True, FIRST),
    ]
    data_key = new_data_key()
    assert unwrap(again, wrap(first, data_key, "B1"), "B1") == data_key


def test_only_its_owner_may_read_the_keyset_and_enter_its_folder(home: Home, keyset: Keyset) -> None:
    path = keyset_path(home)
    assert {file.name: oct(file.stat().st_mode & 0o777) for file in path.parent.iterdir()} == {
        "keyset.json": "0o600",
        "lock": "0o600",
    }
    assert oct(path.parent.stat().st_mode & 0o777) == "0o700"
    assert status(home).private
    path.chmod(0o644)
    assert not status(home).private


def test_status_tells_the_keys_and_nothing_of_their_material(home: Home, keyset: Keyset) -> None:
    rotate(home, on=LATER)
    told = status(home)
    assert [(key.purpose, key.primary, key.made_on) for key in told.keys] == [
        ("wrapping", False, FIRST),
        ("wrapping", True, LATER),
        ("tokens", True, FIRST),
    ]
    document = json.loads(keyset_path(home).read_text("utf-8"))
    secrets = [key["keyData"]["value"] for purpose in ("wrapping", "tokens") for key in document[purpose]["key"]]
    assert len(secrets) == 3
    assert not [secret for secret in secrets if secret in repr(told) + repr(keyset)]


def test_two_processes_that_start_at_once_end_with_the_same_keyset(home: Home) -> None:
    started = [
        subprocess.Popen(
            [sys.executable, "-c", STARTS, str(home.path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        for _ in range(2)
    ]
    for process in started:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in started:
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()
    answers = [process.communicate(timeout=60)[0] for process in started]
    assert answers[0] == answers[1] != ""
    assert [process.returncode for process in started] == [0, 0]


def test_a_keyset_is_not_replaced_by_one_who_thought_it_was_missing(home: Home, keyset: Keyset) -> None:
    before = keyset_path(home).read_bytes()
    open_keyset(home, on=LATER, must_exist=False)
    assert keyset_path(home).read_bytes() == before


def test_what_a_killed_process_left_does_not_stand_in_the_way(home: Home) -> None:
    draft = keyset_path(home).with_suffix(".draft")
    draft.parent.mkdir(parents=True)
    draft.write_text("{")
    open_keyset(home, on=FIRST, must_exist=False)
    assert not draft.exists()


@pytest.mark.parametrize("ask", [status, lambda home: rotate(home, on=LATER)])
def test_a_missing_keyset_is_an_error_where_people_are_sealed_and_no_new_one_is_made(
    home: Home, ask: Callable[[Home], object]
) -> None:
    for refused in (ask, lambda home: open_keyset(home, on=FIRST, must_exist=True)):
        with pytest.raises(DaihouError, match="keyset is missing") as caught:
            refused(home)
        assert "密钥集不存在" in caught.value.zh[0]
        assert not home.path.exists()


def _cut(content: bytes) -> bytes:
    return content[: len(content) // 2]


def _emptied(_: bytes) -> bytes:
    return b""


def _one_letter_of_a_key_changed(content: bytes) -> bytes:
    secret = json.loads(content)["wrapping"]["key"][0]["keyData"]["value"]
    other = secret[:10] + ("A" if secret[10] != "A" else "B") + secret[11:]
    return content.replace(secret.encode(), other.encode())


def _without_dates(content: bytes) -> bytes:
    return json.dumps({**json.loads(content), "made_on": {}}).encode()


def _a_list(_: bytes) -> bytes:
    return b"[]"


def _not_text(_: bytes) -> bytes:
    return b"\xff\xfe\x00"


@pytest.mark.parametrize(
    "damage",
    [_cut, _emptied, _one_letter_of_a_key_changed, _without_dates, _a_list, _not_text],
    ids=lambda it: it.__name__,
)
def test_a_damaged_keyset_is_an_error_and_is_left_as_it_is(
    home: Home, keyset: Keyset, damage: Callable[[bytes], bytes]
) -> None:
    path = keyset_path(home)
    damaged = damage(path.read_bytes())
    path.write_bytes(damaged)
    for must_exist in (True, False):
        with pytest.raises(DaihouError, match="keyset is damaged") as caught:
            open_keyset(home, on=LATER, must_exist=must_exist)
    with pytest.raises(DaihouError, match="keyset is damaged"):
        rotate(home, on=LATER)
    assert "密钥集已损坏" in caught.value.zh[0]
    assert caught.value.__cause__ is None
    assert path.read_bytes() == damaged


def test_a_keyset_that_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "vault").write_text("a file where the folder should be")
    with pytest.raises(DaihouError, match="cannot be used") as caught:
        open_keyset(Home(tmp_path), on=FIRST, must_exist=False)
    assert "无法使用" in caught.value.zh[0]


def test_after_rotation_old_rows_open_as_before_and_new_ones_are_wrapped_under_the_new_primary(
    home: Home, keyset: Keyset
) -> None:
    data_key = new_data_key()
    wrapped, sealed = wrap(keyset, data_key, "B1"), seal(data_key, "B1", ZHANG)
    rotated = rotate(home, on=LATER)
    assert unseal(unwrap(rotated, wrapped, "B1"), "B1", sealed) == ZHANG
    assert stale(rotated, wrapped)
    assert not stale(rotated, wrap(rotated, data_key, "B1"))
    assert rotated.primary("tokens") == keyset.primary("tokens")


def test_rewrap_moves_a_data_key_to_the_new_primary_and_leaves_the_record(home: Home, keyset: Keyset) -> None:
    data_key = new_data_key()
    wrapped, sealed = wrap(keyset, data_key, "B1"), seal(data_key, "B1", ZHANG)
    rotated = rotate(home, on=LATER)
    moved = rewrap(rotated, wrapped, "B1")
    assert wrapped_under(moved) == rotated.primary("wrapping").key_id != wrapped_under(wrapped)
    assert unseal(unwrap(rotated, moved, "B1"), "B1", sealed) == ZHANG


def test_a_process_that_opened_the_keyset_before_a_rotation_still_reads_what_was_wrapped_after_it(
    home: Home, keyset: Keyset
) -> None:
    data_key = new_data_key()
    wrapped = wrap(rotate(home, on=LATER), data_key, "B1")
    assert unwrap(keyset, wrapped, "B1") == data_key


def test_many_rotations_keep_every_key(home: Home, keyset: Keyset) -> None:
    data_key = new_data_key()
    rows = [wrap(keyset, data_key, "B1")]
    for _ in range(5):
        rows.append(wrap(rotate(home, on=LATER), data_key, "B1"))
    rotate_tokens(home, on=LATER)
    last = open_keyset(home, on=LATER, must_exist=True)
    assert {unwrap(last, row, "B1").secret for row in rows} == {data_key.secret}
    assert len({wrapped_under(row) for row in rows}) == 6
    assert len(last.keys) == 8


def test_a_keyset_of_another_installation_is_told_from_an_altered_row(keyset: Keyset, tmp_path: Path) -> None:
    other = open_keyset(Home(tmp_path / "other"), on=FIRST, must_exist=False)
    with pytest.raises(DaihouError, match="this keyset does not hold") as caught:
        unwrap(other, wrap(keyset, new_data_key(), "B1"), "B1")
    assert "没有这把密钥" in caught.value.zh[0]
