"""What a report says on paper: as PDF and as Word, of a book and without any data, with what people typed as text whatever it looks like."""

from __future__ import annotations

import zipfile
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest
from django.conf import settings
from docx import Document as Word
from PIL import Image
from pypdf import PdfReader

from daihou.book.capitals import in_capitals
from daihou.book.errors import DaihouError
from daihou.desk.audit.models import Entry
from daihou.desk.reports import pictures, transitions
from daihou.desk.reports.document import document
from daihou.desk.reports.pdf import html, pdf
from daihou.desk.reports.views.one import stated
from daihou.desk.reports.word.made import docx
from daihou.desk.reports.word.template import shipped
from daihou.desk.vault import erasure, file_keys
from desk.alerts.hands import asked, browser
from desk.alerts.made import alert
from desk.files_made import picture
from desk.reports.test_course import home, report, sheet, staff, taken
from desk.reports.visited import attach, shot, visit

if TYPE_CHECKING:
    from daihou.desk.people.models import User
    from daihou.desk.reports.models import Report
    from daihou.desk.reviews.models import Sheet
    from daihou.vault.person import PersonRecord

__all__ = ["home", "report", "sheet", "staff"]
NASTY = "{{ 7 * 7 }} {% raise %} <script>alert(1)</script> & \x0b]]>"
A4 = (595, 842)


def text(content: bytes) -> str:
    """What a PDF says, without the breaks of its lines."""
    return "".join(page.extract_text() for page in PdfReader(BytesIO(content)).pages).replace("\n", "")


def words(content: bytes) -> str:
    """What a file of Word says."""
    made = Word(BytesIO(content))
    cells = [cell.text for table in made.tables for row in table.rows for cell in row.cells]
    return "\n".join([*(one.text for one in made.paragraphs), *cells])


def _plain(held: Any) -> Any:
    """An object of a PDF as the mapping it is."""
    return held.get_object()


@pytest.fixture
def late(loans: pl.DataFrame) -> dict[str, Any]:
    """A loan of branch B01 that is past due."""
    return loans.filter((pl.col("dpd") > 0) & (pl.col("org_id") == "B01")).sort("loan_id").row(0, named=True)


def test_a_report_of_the_book_in_chinese(
    late: dict[str, Any], cast: dict[str, User], people: dict[str, PersonRecord], tmp_path: Path, settings: Any
) -> None:
    settings.MEDIA_ROOT = str(tmp_path)
    manager, borrower = cast["branch_manager"], late["borrower_id"]
    made = visit(borrower, manager, cast["officer"], org_id="B01", officer_id=late["officer_id"])
    for number in range(3):
        attach(made, shot(("#4a6d8c", "#8c4a4a", "#4a8c5d")[number]), "front", manager)
    raised = alert(borrower, "red", officer_id=late["officer_id"])
    one = transitions.make(made.review, "zh-hans", asked(manager))
    assert one.as_of == late["as_of"]
    printed = pdf(document(one, stated(one)))
    pages = PdfReader(BytesIO(printed)).pages
    assert {(round(page.mediabox.width), round(page.mediabox.height)) for page in pages} == {A4}
    assert 3 <= len(pages) <= 8
    held: list[Any] = [one.get_object() for page in pages for one in _plain(page["/Resources"])["/Font"].values()]
    fonts = {str(one["/BaseFont"]): one["/DescendantFonts"][0].get_object() for one in held}
    assert any("CJK" in name for name in fonts)
    assert all({"/FontFile2", "/FontFile3"} & set(font["/FontDescriptor"]) for font in fonts.values()), (
        "fonts lie in the file"
    )
    said = text(printed)
    for there in (
        one.number, "贷后检查报告", "内部资料", f"1 / {len(pages)}", late["loan_id"], raised.number, in_capitals(late["loan_amount"], 2), "门头", "经办", "复核", "审批",
        "快照", "半停业", "系统建议分类", "未查询过该客户征信报告",
    ):  # fmt: skip
        assert there in said, there
    name = people[borrower].name
    assert name not in said
    assert f"{name[0]}**" in said or f"{name[0]}*" in said
    assert name not in str(one.content), "no name lies in a version"
    assert len({one.data for page in pages for one in page.images}) == 3
    written = words(docx(document(one, stated(one))))
    assert in_capitals(late["loan_amount"], 2) in written
    assert late["loan_id"] in written
    assert name not in written


def test_the_whole_name_is_printed_for_a_purpose_that_is_logged(
    late: dict[str, Any], cast: dict[str, User], people: dict[str, PersonRecord]
) -> None:
    manager, borrower = cast["branch_manager"], late["borrower_id"]
    made = visit(borrower, manager, cast["officer"], org_id="B01", officer_id=late["officer_id"])
    one = transitions.make(made.review, "zh-hans", asked(manager))
    client = browser(manager)
    assert client.post(f"/reports/{one.pk}/with-name/", {"purpose": "check"}).status_code == 422
    assert not Entry.objects.filter(action="person.reveal").exists()
    got = client.post(f"/reports/{one.pk}/with-name/", {"purpose": "check", "note": "for the credit file"})
    assert people[borrower].name in text(taken(got))
    seen = Entry.objects.get(action="person.reveal")
    assert (seen.subject_id, seen.detail["fields"]) == (borrower, ["name", "id_no"])
    assert Entry.objects.get(action="report.print").detail["uncovered"] == seen.pk
    assert browser(cast["analyst"]).post(f"/reports/{one.pk}/with-name/").status_code == 403


def test_what_people_type_is_text_whatever_it_looks_like(report: Report, staff: dict[str, User]) -> None:
    words_now = {**report.words, "risk": NASTY, "conclusion": "<b>x</b>"}
    transitions.save(report, report.revision, words_now, asked(staff["li"]))
    one = type(report).objects.select_related("review").get(pk=report.pk)
    made = document(one, stated(one))
    assert "<script>" not in html(made)
    assert "{{ 7 * 7 }}" in text(pdf(made))
    written = words(docx(made))
    assert "{{ 7 * 7 }} {% raise %} <script>alert(1)</script> &" in written
    assert "<b>x</b>" in written
    assert "49" not in written
    page = browser(staff["li"]).get(f"/reports/{one.pk}/").content.decode()
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page


def test_without_data_both_files_say_what_is_missing(report: Report, staff: dict[str, User]) -> None:
    client = browser(staff["zheng"])
    printed = text(taken(client.get(f"/reports/{report.pk}/pdf/")))
    assert "No run has been written yet" in printed
    assert "Nothing is written here yet." in printed
    written = words(taken(client.get(f"/reports/{report.pk}/word/")))
    assert "No run has been written yet" in written
    logged = list(
        Entry.objects.filter(action="report.print").order_by("pk").values_list("detail__format", "detail__version")
    )
    assert logged == [("pdf", 1), ("word", 1)]


def test_pictures_of_who_was_erased_are_said_to_be(report: Report, staff: dict[str, User]) -> None:
    ready = {**report.words, "conclusion": "Done."}
    one = transitions.save(report, report.revision, ready, asked(staff["li"]))
    one = transitions.submit(one, one.revision, "", asked(staff["li"]))
    one = transitions.check(one, one.revision, "", asked(staff["wang"]))
    kept = transitions.approve(one, one.revision, "", asked(staff["sun"]))
    file_keys.forget("C1")
    made = document(kept, stated(kept))
    assert [(shot.address, shot.picture.said) for shot in made.shots] == [
        ("", "erased: it is about somebody who was erased")
    ]
    assert "erased" in text(pdf(made))
    assert "erased" in words(docx(made))
    gone = browser(staff["zheng"]).get(f"/reports/{kept.pk}/pdf/")
    assert (gone.status_code, "opens to nobody" in gone.content.decode()) == (410, True)


def test_a_picture_that_is_none_or_was_changed_is_not_drawn(sheet: Sheet, staff: dict[str, User]) -> None:
    attach(sheet, b"\xff\xd8\xff\xe0 no picture", "stock", staff["li"])
    changed = attach(sheet, shot("#123456"), "stock", staff["li"])
    one = transitions.make(sheet.review, "en", asked(staff["li"]))
    place = Path(changed.content.path)
    place.write_bytes(place.read_bytes() + b"x")
    said = [shot.picture.said for shot in document(one, stated(one)).shots]
    assert said == ["", "cannot be shown as a picture", "not what was attached, and so not shown"]


def test_pictures_are_scaled_turned_and_lose_what_phones_note(sheet: Sheet, staff: dict[str, User]) -> None:
    image = Image.new("RGB", (3000, 2000), "#777777")
    exif = Image.Exif()
    exif[0x0112], exif[0x010E] = 6, "where it was taken"  # turned by a quarter; a description
    found = BytesIO()
    image.save(found, "JPEG", exif=exif)
    attach(sheet, found.getvalue(), "stock", staff["li"])
    attach(sheet, picture("PNG", (5, 5)), "stock", staff["li"])
    one = transitions.make(sheet.review, "en", asked(staff["li"]))
    shots = [each.picture for each in document(one, stated(one)).shots]
    assert [(each.wide, each.high) for each in shots] == [(900, 675), (600, 900), (5, 5)]
    assert max(each.wide for each in shots) <= pictures.SIDE
    assert all(b"where it was taken" not in (each.jpeg or b"") for each in shots)


def test_a_picture_of_another_review_is_not_opened(report: Report, staff: dict[str, User]) -> None:
    other = visit("C2", staff["li"], staff["chen"])
    piece = attach(other, shot("#abcdef"), "front", staff["li"])
    figures = {"piece": piece.pk, "digest": piece.digest, "label": "x", "at": "", "by": ""}
    assert pictures.opened(report, [figures])[0].jpeg is None


def test_a_home_has_its_own_template_and_a_broken_one_is_named(report: Report, staff: dict[str, User]) -> None:
    made = document(report, stated(report))
    place = settings.HOME.path / "reports" / "inspection_en.docx"
    place.parent.mkdir()
    own = Word()
    own.add_paragraph("Our own: {{ doc.number }}, {{ of.loans.part.missing }}")
    own.save(str(place))
    assert f"Our own: {report.number}, No run has been written yet" in words(docx(made))
    for wrong in ("{{ doc.nothing }}", "{% if %}", "{{ doc.number", "{{ ''.__class__.__mro__ }}"):
        own = Word()
        own.add_paragraph(wrong)
        own.save(str(place))
        with pytest.raises(DaihouError, match=r"The template inspection_en\.docx cannot be filled in"):
            docx(made)
    place.write_bytes(b"no file of Word")
    answer = browser(staff["li"]).get(f"/reports/{report.pk}/word/")
    assert (answer.status_code, "inspection_en.docx" in answer.content.decode()) == (400, True)


def test_the_template_that_ships_can_be_taken_as_a_beginning(report: Report) -> None:
    place = settings.HOME.path / "reports" / "inspection_en.docx"
    place.parent.mkdir()
    made = document(report, stated(report))
    before = words(docx(made))
    place.write_bytes(shipped())
    assert words(docx(made)) == before
    inside = zipfile.ZipFile(BytesIO(docx(made))).read("word/document.xml").decode()
    assert "w:tblHeader" in inside
    assert "{%" not in inside


def test_erasing_a_person_leaves_a_report_that_names_nobody(
    late: dict[str, Any], cast: dict[str, User], people: dict[str, PersonRecord]
) -> None:
    manager, borrower = cast["branch_manager"], late["borrower_id"]
    one = transitions.make(visit(borrower, manager, cast["officer"]).review, "en", asked(manager))
    erasure.erase(borrower, "test", "asked for it by letter")
    made = document(one, stated(one))
    assert made.name.startswith("erased on ")
    assert made.id_no == ""
