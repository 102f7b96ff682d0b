"""Files that people attach lie sealed, open to whom they belong, and to nobody once the person is erased."""

from __future__ import annotations

import datetime as dt
import hashlib
import io
from pathlib import Path

import pytest
from django.conf import settings
from django.db import transaction

from daihou.book.errors import DaihouError
from daihou.desk.files import keeping
from daihou.desk.files.errors import DamagedError, ErasedError, UnfitError
from daihou.desk.files.fitness import Incoming
from daihou.desk.vault import people, rotation
from daihou.desk.vault.erasure import erase, readmit
from daihou.desk.vault.keys import keyset
from daihou.desk.vault.models import FileKey
from daihou.vault.keyset import keyset_path, rotate
from daihou.vault.person import PersonRecord

SAID = b"%PDF-1.7 statement of Zhang San, 6222 0210 0100 0000 001"
DIGEST = hashlib.sha256(SAID).hexdigest()
ON = dt.date(2026, 3, 2)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _people() -> None:
    people.put([("B1", "person", PersonRecord("张三"), ON), ("B2", "person", PersonRecord("李四"), ON)])


def put(whose: str = "B1", folder: str = "papers/1") -> Path:
    incoming = Incoming("a.pdf", "application/pdf", len(SAID), DIGEST, io.BytesIO(SAID))
    with keeping.kept(folder, [DIGEST], incoming, whose) as name, transaction.atomic():
        return Path(settings.MEDIA_ROOT) / name


def quiet(_stage: str, _done: int, _all: int) -> None:
    """Show nothing."""


def test_what_is_attached_lies_sealed_and_opens_as_it_was() -> None:
    place = put()
    assert b"Zhang San" not in place.read_bytes()
    assert keeping.read(str(place), DIGEST, "B1") == SAID


def test_files_of_one_borrower_are_under_one_key_of_its_own() -> None:
    put()
    put(folder="papers/2")
    put("B2")
    assert sorted(FileKey.objects.values_list("borrower_id", flat=True)) == ["B1", "B2"]


def test_one_that_was_changed_is_not_given() -> None:
    place = put()
    place.write_bytes(place.read_bytes()[:-1] + b"\0")
    with pytest.raises(DamagedError):
        keeping.read(str(place), DIGEST, "B1")


def test_one_cut_short_or_gone_is_not_given() -> None:
    place = put()
    place.write_bytes(place.read_bytes()[: len(keeping.SEALED)])
    with pytest.raises(DamagedError):
        keeping.read(str(place), DIGEST, "B1")
    place.unlink()
    with pytest.raises(DamagedError):
        keeping.read(str(place), DIGEST, "B1")


def test_one_put_in_the_place_of_another_persons_does_not_open() -> None:
    mine, theirs = put(), put("B2", "papers/2")
    theirs.write_bytes(mine.read_bytes())
    with pytest.raises(ErasedError):  # the key that it names is none of theirs
        keeping.read(str(theirs), DIGEST, "B2")


def test_one_from_before_files_were_sealed_is_given() -> None:
    place = put()
    place.write_bytes(SAID)
    assert keeping.read(str(place), DIGEST, "B1") == SAID


def test_with_the_person_erased_it_opens_to_nobody() -> None:
    mine, theirs = put(), put("B2", "papers/2")
    erase("B1", "root", "asked by letter")
    with pytest.raises(ErasedError):
        keeping.read(str(mine), DIGEST, "B1")
    assert keeping.read(str(theirs), DIGEST, "B2") == SAID


def test_about_somebody_who_was_erased_nothing_is_kept() -> None:
    erase("B1", "root", "asked by letter")
    with pytest.raises(UnfitError, match="erased"):
        put()
    assert not FileKey.objects.filter(borrower_id="B1").exists()


def test_files_about_somebody_whom_the_vault_never_held_can_be_erased_too() -> None:
    place = put("B9")
    assert erase("B9", "root", "asked by letter")
    with pytest.raises(ErasedError):
        keeping.read(str(place), DIGEST, "B9")
    with pytest.raises(DaihouError):
        erase("B9", "root", "asked by letter")


def test_once_the_person_is_back_a_file_is_under_a_new_key_and_does_not_bring_the_old_one_back() -> None:
    old = put()
    erase("B1", "root", "asked by letter")
    readmit("B1", "root", "a new loan")
    people.put([("B1", "person", PersonRecord("张三"), ON + dt.timedelta(days=1))])
    new = put(folder="papers/2")
    assert keeping.read(str(new), DIGEST, "B1") == SAID
    with pytest.raises(ErasedError):
        keeping.read(str(old), DIGEST, "B1")


def test_a_rotation_wraps_the_keys_of_files_anew_and_leaves_the_files() -> None:
    place = put()
    before = place.read_bytes()
    rotate(settings.HOME, on=ON)
    assert rotation.stale_keys() == 3
    assert rotation.rewrap_stale(quiet) == 3
    assert rotation.stale_keys() == 0
    assert FileKey.objects.get().wrapping_key == keyset().primary("wrapping").key_id
    assert place.read_bytes() == before
    assert keeping.read(str(place), DIGEST, "B1") == SAID


def test_a_keyset_that_is_lost_beside_files_is_not_made_anew() -> None:
    put()
    for borrower in ("B1", "B2"):
        erase(borrower, "root", "asked by letter")
    put("B3")
    keyset_path(settings.HOME).unlink()
    with pytest.raises(DaihouError):
        keyset()
