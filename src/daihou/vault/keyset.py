"""The installation's keyset: made once, opened, rotated, described.

`vault/keyset.json` in the home holds two Tink keysets: `wrapping` (AES256-GCM), under which the data keys of people
are wrapped, and `tokens` (a PRF, HMAC-SHA256), by which search tokens are computed. They stand in one file so that
there is never half a keyset. The keys are in clear: whoever reads the file and the database reads the names.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, Final, Literal, NoReturn, Protocol

import tink
from tink import aead, json_proto_keyset_format, prf, secret_key_access

from daihou.book.errors import DaihouError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from daihou.book.home import Home
    from daihou.vault.wrapper import Wrapper

FORMAT: Final = 1
_PREFIX: Final = b"\x01"
"""The first byte of what Tink encrypts under a key of a keyset; the four after it are the number of the key."""

Purpose = Literal["wrapping", "tokens"]

aead.register()
prf.register()
_TEMPLATES: Final[Mapping[Purpose, Any]] = {
    "wrapping": aead.aead_key_templates.AES256_GCM,
    "tokens": prf.prf_key_templates.HMAC_SHA256,
}


class Prf(Protocol):
    """A keyed hash, as Tink has it."""

    def compute(self, input_data: bytes, output_length: int) -> bytes:
        """Return the first bytes of the hash of the input."""
        ...


@dataclass(frozen=True, slots=True)
class Key:
    """What may be told of a key."""

    purpose: Purpose
    key_id: int
    primary: bool
    made_on: date


@dataclass(frozen=True, slots=True, repr=False)
class Keyset:
    """The keyset, open. It is a `Wrapper`; `prfs` compute tokens, the primary first, then from the newest to the oldest."""

    place: Path
    keys: tuple[Key, ...]
    prfs: tuple[Prf, ...]
    wrapping: Wrapper

    def __repr__(self) -> str:
        return f"Keyset({str(self.place)!r})"

    def encrypt(self, plaintext: bytes, associated_data: bytes) -> bytes:
        """Return the plaintext wrapped under the primary key."""
        return self.wrapping.encrypt(plaintext, associated_data)

    def decrypt(self, ciphertext: bytes, associated_data: bytes) -> bytes:
        """Return what was wrapped; DaihouError when its key is not in the keyset, TinkError when it does not open.

        The file is read once more when the key is unknown: another process may have rotated since this one opened it.
        """
        wanted = wrapped_under(ciphertext)
        keyset = self if wanted is None or self.holds(wanted) else _open(self.place)
        if wanted is not None and not keyset.holds(wanted):
            raise DaihouError(
                f"A data key is wrapped under key {wanted}, which this keyset does not hold.",
                "Restore the keyset that belongs to this database.",
                str(self.place),
                zh=(
                    f"有数据密钥由密钥 {wanted} 加密，而当前密钥集中没有这把密钥。",
                    "请恢复与本数据库配套的密钥集。",
                ),
            )
        return keyset.wrapping.decrypt(ciphertext, associated_data)

    def holds(self, key_id: int) -> bool:
        """Whether data keys wrapped under a key can be opened."""
        return any(key.key_id == key_id for key in self.keys if key.purpose == "wrapping")

    def primary(self, purpose: Purpose) -> Key:
        """The key in use for new data keys or tokens."""
        return next(key for key in self.keys if key.purpose == purpose and key.primary)


@dataclass(frozen=True, slots=True)
class Status:
    """What may be told of the keyset; `private` is whether its owner alone may read the file."""

    place: Path
    keys: tuple[Key, ...]
    private: bool


def keyset_path(home: Home) -> Path:
    """The file of the keyset."""
    return home.path / "vault" / "keyset.json"


def open_keyset(home: Home, *, on: date, must_exist: bool) -> Keyset:
    """Return the keyset of the home; on first use it is made, dated `on`.

    Pass `must_exist=True` whenever a person is sealed: a new keyset would open nobody, and would hide that the old one
    is gone. DaihouError then if it is missing, and always if it is damaged or cannot be read.
    """
    path = keyset_path(home)
    try:
        if not path.exists():
            if must_exist:
                _missing(path)
            with _locked(path):
                if not path.exists():  # another process may have been first while this one waited
                    _write(path, _first(on))
    except OSError as error:
        _unusable(path, error)
    return _open(path)


def rotate(home: Home, *, on: date) -> Keyset:
    """Return the keyset with a new primary key for data keys.

    Old keys stay, so what they wrapped opens as before; `seal.rewrap` moves a data key to the new primary and
    `stale` tells which are still to be moved. The records themselves are not touched.
    """
    return _rotate(home, "wrapping", on)


def rotate_tokens(home: Home, *, on: date) -> Keyset:
    """Return the keyset with a new primary key for search tokens.

    This is no wrapping: a token cannot be moved from one key to another, since nothing can be got out of it. Every
    person must be unsealed and their tokens computed anew (`tokens.record_tokens`). Until that is done, searches find
    both, because `tokens.search_tokens` answers under every key; processes that opened the keyset before must open it
    again, or they do not find what was computed anew.
    """
    return _rotate(home, "tokens", on)


def status(home: Home) -> Status:
    """What may be told of the keyset: its keys without their material; DaihouError when it is missing or damaged."""
    keyset = _open(keyset_path(home))
    return Status(keyset.place, keyset.keys, keyset.place.stat().st_mode & 0o077 == 0)


def wrapped_under(wrapped: bytes) -> int | None:
    """The number of the key that wrapped a data key; None for what no keyset wrapped (a service did)."""
    return int.from_bytes(wrapped[1:5], "big") if len(wrapped) > 5 and wrapped[:1] == _PREFIX else None


def stale(keyset: Keyset, wrapped: bytes) -> bool:
    """Whether a data key is wrapped under another key than the primary."""
    return wrapped_under(wrapped) != keyset.primary("wrapping").key_id


def _rotate(home: Home, purpose: Purpose, on: date) -> Keyset:
    path = keyset_path(home)
    _open(path)  # a missing or damaged keyset is not written to
    try:
        with _locked(path):
            document = json.loads(path.read_text("utf-8"))
            added = _fresh(purpose, {key["keyId"] for key in document[purpose]["key"]})
            document[purpose]["key"] += added["key"]
            document[purpose]["primaryKeyId"] = added["primaryKeyId"]
            document["made_on"][purpose][str(added["primaryKeyId"])] = on.isoformat()
            _write(path, document)
    except OSError as error:
        _unusable(path, error)
    return _open(path)


def _first(on: date) -> dict[str, Any]:
    document: dict[str, Any] = {"daihou_keyset": FORMAT, "made_on": {}}
    for purpose in _TEMPLATES:
        document[purpose] = _fresh(purpose, set())
        document["made_on"][purpose] = {str(document[purpose]["primaryKeyId"]): on.isoformat()}
    return document


def _fresh(purpose: Purpose, taken: set[int]) -> dict[str, Any]:
    """A Tink keyset of one new key, as JSON, its number not among those taken."""
    while True:
        handle = tink.new_keyset_handle(_TEMPLATES[purpose])
        made: dict[str, Any] = json.loads(json_proto_keyset_format.serialize(handle, secret_key_access.TOKEN))
        if made["primaryKeyId"] not in taken:
            return made


def _open(path: Path) -> Keyset:
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        _missing(path)
    except OSError as error:
        _unusable(path, error)
    try:
        return _parsed(path, content)
    except (ValueError, KeyError, TypeError, AttributeError, tink.TinkError):
        # The cause is left out on purpose: the errors of parsers quote what they parse, and this is key material.
        raise DaihouError(
            "The vault's keyset is damaged.",
            "Restore keyset.json from its backup. Do not delete it: without it nobody in the vault can be read.",
            str(path),
            zh=(
                "保险库密钥集已损坏。",
                "请从备份恢复 keyset.json。切勿删除：没有它，保险库中的任何人都无法读取。",
            ),
        ) from None


def _parsed(path: Path, content: bytes) -> Keyset:
    document = json.loads(content)
    if document["daihou_keyset"] != FORMAT or document["digest"] != _digest(document):
        raise ValueError
    prfs = _handle(document["tokens"]).primitive(prf.PrfSet)
    first = prfs.primary_id()
    made = [key["keyId"] for key in document["tokens"]["key"]]
    return Keyset(
        path,
        (*_keys(document, "wrapping"), *_keys(document, "tokens")),
        tuple(of for _, of in sorted(prfs.all().items(), key=lambda item: (item[0] != first, -made.index(item[0])))),
        _handle(document["wrapping"]).primitive(aead.Aead),
    )


def _digest(document: Mapping[str, Any]) -> str:
    """A checksum: a key with one wrong bit is a key like any other, and would seal people under what no backup holds."""
    told = {name: value for name, value in document.items() if name != "digest"}
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()


def _handle(stated: dict[str, Any]) -> Any:
    return json_proto_keyset_format.parse(json.dumps(stated), secret_key_access.TOKEN)


def _keys(document: dict[str, Any], purpose: Purpose) -> list[Key]:
    primary, dates = document[purpose]["primaryKeyId"], document["made_on"][purpose]
    ids = [key["keyId"] for key in document[purpose]["key"]]
    return [Key(purpose, key_id, key_id == primary, date.fromisoformat(dates[str(key_id)])) for key_id in ids]


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Hold the keyset for writing; the folder is made, for its owner alone."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.parent.chmod(0o700)
    with open(path.with_name("lock"), "w", opener=_private) as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _private(name: str, flags: int) -> int:
    return os.open(name, flags, 0o600)


def _write(path: Path, document: Mapping[str, Any]) -> None:
    """Put a keyset in place in one step, and on the disk before anything is wrapped under it."""
    draft = path.with_suffix(".draft")
    draft.unlink(missing_ok=True)  # whoever left it is gone: the lock is ours
    with open(draft, "x", encoding="utf-8", opener=_private) as file:
        json.dump({**document, "digest": _digest(document)}, file, indent=1)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _missing(path: Path) -> NoReturn:
    raise DaihouError(
        "The vault's keyset is missing.",
        "Restore keyset.json from its backup: without it nobody in the vault can be read. No new one was made.",
        str(path),
        zh=(
            "保险库密钥集不存在。",
            "请从备份恢复 keyset.json：没有它，保险库中的任何人都无法读取。系统没有另建新的密钥集。",
        ),
    )


def _unusable(path: Path, error: OSError) -> NoReturn:
    raise DaihouError(
        f"The vault's keyset cannot be used: {error.strerror}.",
        "Let the user that runs daihou read and write this folder.",
        str(path.parent),
        zh=(f"保险库密钥集无法使用：{error.strerror}。", "请让运行 daihou 的用户可以读写该文件夹。"),
    ) from error
