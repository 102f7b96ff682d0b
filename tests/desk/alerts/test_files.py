"""Files beside an alert: taken by what they hold, kept whole or not at all, given out only as they were attached."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError
from django.test import Client

from daihou.desk.alerts import transitions
from daihou.desk.alerts.choices import Stage
from daihou.desk.alerts.models import Alert, File, Move
from daihou.desk.audit.models import Entry
from daihou.desk.files import arriving, fitness, keeping
from daihou.desk.files.arriving import Arrived
from daihou.desk.files.errors import UnfitError
from desk.alerts.hands import BRANCH, asked, browser, hands
from desk.alerts.made import alert as made
from desk.files_made import picture

if TYPE_CHECKING:
    from daihou.desk.files.fitness import Incoming
    from daihou.desk.people.models import User

PDF = b"%PDF-1.7\n% a statement of the account"
PNG = picture()


@pytest.fixture(autouse=True)
def _files_lie_in_a_folder_of_the_test(tmp_path: Path, settings: Any) -> None:
    settings.MEDIA_ROOT = str(tmp_path / "files")


@pytest.fixture
def staff(db: None) -> dict[str, User]:
    return hands()


def alert(**values: Any) -> Alert:
    return made("C1", org_id=BRANCH, officer_id="W01", **values)


def send(of: User, one: Alert, content: bytes, name: str = "statement.pdf") -> Any:
    return browser(of).post(f"/alerts/{one.pk}/files/", {"file": SimpleUploadedFile(name, content)})


def on_the_disk() -> list[str]:
    root = Path(settings.MEDIA_ROOT)
    return sorted(str(path.relative_to(root)) for path in root.rglob("*") if path.is_file())


def office(*parts: str) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for part in parts:
            archive.writestr(part, "<x/>")
    return packed.getvalue()


DOCX = office("[Content_Types].xml", "word/document.xml")


def arrived(content: bytes, name: str) -> Incoming:
    return fitness.fit(Arrived(io.BytesIO(content), name, len(content), "0" * 64))


def test_a_file_is_kept_by_its_digest_with_a_move_and_an_entry(staff: dict[str, User]) -> None:
    one = alert()
    response = send(staff["wang"], one, PDF)
    assert (response.status_code, response["Location"]) == (302, f"/alerts/{one.pk}/#files")
    file = File.objects.get()
    assert (file.name, file.kind, file.size, file.actor) == (
        "statement.pdf",
        "application/pdf",
        len(PDF),
        staff["wang"],
    )
    assert on_the_disk() == [f"alerts/{one.pk}/{file.digest}"]
    assert Move.objects.get(act="attach").detail == {"file": file.pk, "digest": file.digest}
    assert Entry.objects.get(action="alert.attach").subject_id == one.number


def test_the_same_file_twice_is_one(staff: dict[str, User]) -> None:
    one = alert()
    send(staff["wang"], one, PDF)
    assert send(staff["he"], one, PDF, "again.pdf").status_code == 302
    assert File.objects.count() == Move.objects.filter(act="attach").count() == len(on_the_disk()) == 1


def test_a_file_comes_back_as_it_was_and_nothing_in_it_runs(staff: dict[str, User]) -> None:
    one = alert()
    send(staff["wang"], one, PDF, "回款说明.pdf")
    response = browser(staff["he"]).get(f"/alerts/{one.pk}/files/{File.objects.get().pk}/")
    assert b"".join(response.streaming_content) == PDF  # type: ignore[attr-defined]
    assert response["Content-Type"] == "application/pdf"
    assert response["Content-Disposition"].startswith("attachment; filename*=utf-8''%E5%9B%9E")
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Security-Policy"] == "default-src 'none'; sandbox"
    entry = Entry.objects.get(action="alert.download")
    assert (entry.actor, entry.subject_id, entry.detail["name"]) == ("he", one.number, "回款说明.pdf")


@pytest.mark.parametrize("harm", ["changed", "gone"])
def test_what_is_not_what_was_attached_is_not_given_out(harm: str, staff: dict[str, User]) -> None:
    one = alert()
    send(staff["wang"], one, PDF)
    place = Path(settings.MEDIA_ROOT) / on_the_disk()[0]
    place.write_bytes(PDF + b"!") if harm == "changed" else place.unlink()
    response = browser(staff["he"]).get(f"/alerts/{one.pk}/files/{File.objects.get().pk}/")
    assert response.status_code == 410
    assert "not what was attached" in response.content.decode()
    assert Entry.objects.get(action="alert.download").detail["damaged"]


def test_files_are_for_who_works_decides_or_inspects_and_for_this_alert_alone(staff: dict[str, User]) -> None:
    one, other = alert(), alert(topic="cash")
    send(staff["wang"], one, PDF)
    file = File.objects.get().pk
    assert browser(staff["wu"]).get(f"/alerts/{one.pk}/files/{file}/").status_code == 200
    assert browser(staff["an"]).get(f"/alerts/{one.pk}/files/{file}/").status_code == 422
    assert browser(staff["far"]).get(f"/alerts/{one.pk}/files/{file}/").status_code == 404
    assert browser(staff["wang"]).get(f"/alerts/{other.pk}/files/{file}/").status_code == 404
    assert send(staff["wu"], one, PNG).status_code == 403
    closed = made("C2", org_id=BRANCH, officer_id="W01", stage=Stage.CLOSED)
    assert send(staff["wang"], closed, PDF).status_code == 422
    assert len(on_the_disk()) == 1


@pytest.mark.parametrize(
    ("content", "name", "kept", "kind"),
    [
        (PDF, "a.pdf", "a.pdf", "application/pdf"),
        (PDF, "../../etc/a.exe", "a.exe.pdf", "application/pdf"),
        (PNG, "photo.PNG", "photo.png", "image/png"),
        (picture("JPEG"), "b.jpeg", "b.jpeg", "image/jpeg"),
        (DOCX, "plan.docx", "plan.docx", fitness.KINDS["docx"]),
        (office("[Content_Types].xml", "xl/workbook.xml"), "c.zip", "c.zip.xlsx", fitness.KINDS["xlsx"]),
        ("日期,金额\n2026-01-01,5\n".encode("gb18030"), "d.csv", "d.csv", "text/csv"),
        ("\ufeff电话记录".encode(), "e.txt", "e.txt", "text/plain"),
        (b"<script>alert(1)</script>", "page.html", "page.html.txt", "text/plain"),
        (b"From: a@b.cn\r\nDate: Mon, 2 Mar 2026 09:00:00 +0800\r\nSubject: x\r\n\r\nHi", "m.eml", "m.eml", "message/rfc822"),
    ],
)  # fmt: skip
def test_a_kind_is_found_by_what_a_file_holds_and_its_name_follows(
    content: bytes, name: str, kept: str, kind: str
) -> None:
    found = arrived(content, name)
    assert (found.name, found.kind, found.size) == (kept, kind, len(content))


@pytest.mark.parametrize(
    ("content", "name", "reason"),
    [
        (b"", "a.pdf", "empty"),
        (b"MZ\x90\x00\x03\x00\x00\x00" + bytes(50), "a.pdf", "not taken"),
        (office("a.txt"), "a.docx", "not taken"),
        (b"PK\x03\x04 broken", "a.docx", "not taken"),
        (office("[Content_Types].xml", "word/document.xml", "word/vbaProject.bin"), "a.docx", "macros"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(50), "a.doc", "not taken"),
        (b"GIF89a" + bytes(20), "a.txt", "not taken"),
    ],
)
def test_what_is_not_taken_is_refused_in_words(content: bytes, name: str, reason: str, db: None) -> None:
    with pytest.raises(UnfitError, match=reason):
        arrived(content, name)


def test_too_large_is_refused_before_and_while_it_comes_in_and_leaves_nothing(
    staff: dict[str, User], monkeypatch: pytest.MonkeyPatch
) -> None:
    one = alert()
    monkeypatch.setattr(arriving, "FILE_BYTES", 1 << 20)
    response = send(staff["wang"], one, PDF + bytes((1 << 20) + 5))
    assert response.status_code == 422
    assert "larger than 1 MB" in response.content.decode()
    monkeypatch.setattr(arriving, "FORM_BYTES", -(1 << 20))
    assert "larger than" in send(staff["wang"], one, PDF).content.decode()
    assert not File.objects.exists()
    assert on_the_disk() == []


def test_nothing_or_two_files_are_not_one(staff: dict[str, User]) -> None:
    one = alert()
    assert "Choose a file" in browser(staff["wang"]).post(f"/alerts/{one.pk}/files/", {}).content.decode()
    two = [SimpleUploadedFile("a.pdf", PDF), SimpleUploadedFile("b.pdf", PDF)]
    assert (
        "one file at a time" in browser(staff["wang"]).post(f"/alerts/{one.pk}/files/", {"file": two}).content.decode()
    )
    assert on_the_disk() == []


def test_what_a_crash_left_is_swept_when_the_next_file_comes(
    staff: dict[str, User], monkeypatch: pytest.MonkeyPatch
) -> None:
    one = alert()

    def crash(*_: Any, **__: Any) -> None:
        raise DatabaseError

    monkeypatch.setattr(File.objects, "get_or_create", crash)
    with pytest.raises(DatabaseError):
        transitions.attach(one, arrived(PDF, "a.pdf"), asked(staff["wang"]))
    monkeypatch.undo()
    assert len(on_the_disk()) == 1
    assert not File.objects.exists()
    draft = Path(settings.MEDIA_ROOT) / "incoming" / "half"
    draft.parent.mkdir(parents=True, exist_ok=True)
    draft.write_bytes(b"half")
    monkeypatch.setattr(keeping, "SWEPT_AFTER_SECONDS", -1)
    send(staff["wang"], one, PNG, "b.png")
    assert on_the_disk() == [f"alerts/{one.pk}/{File.objects.get().digest}"]


def test_a_form_from_elsewhere_attaches_nothing(staff: dict[str, User]) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(staff["wang"])
    response = client.post(f"/alerts/{alert().pk}/files/", {"file": SimpleUploadedFile("a.pdf", PDF)})
    assert response.status_code == 403
    assert not File.objects.exists()
