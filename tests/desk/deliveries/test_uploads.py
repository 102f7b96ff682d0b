"""Files sent to the desk: looked at, mapped, taken in; and everything that is wrong with one told plainly."""

from __future__ import annotations

import datetime as dt
import io
import json
import zipfile
from typing import Any

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from daihou.desk.audit.models import Entry
from daihou.desk.deliveries import download, policy, receiving, transitions, upload_views
from daihou.desk.deliveries.models import Upload, uploads_folder
from daihou.desk.jobs.models import Job
from desk.deliveries.conftest import body, last_upload, sent, sheet, taken_in, text

MACRO = b"series,period_end,value\ncpi-up,2026-01-31,1.5\ncpi-up,2026-02-30,1.6\ncpi-up,2026-03-31,x\n"


@pytest.fixture
def analyst(sign_in: Any) -> Client:
    browser: Client = sign_in("analyst")
    return browser


def test_a_file_is_looked_at_before_it_is_taken_in(analyst: Client, book: Any) -> None:
    response = sent(analyst, "macro", MACRO, "macro.csv")
    assert response.status_code == 302
    page = text(analyst.get(response.headers["Location"]))
    assert "CSV" in page
    assert "UTF-8" in page
    assert "comma" in page
    assert "all 3 rows looked at" in page
    assert "1 good" in page
    assert "<mark>2026-02-30</mark>" in page
    assert not Job.objects.exists()


def test_taking_in_starts_a_job_once_and_leads_to_it(analyst: Client, book: Any) -> None:
    sent(analyst, "macro", MACRO, "macro.csv")
    key = last_upload().pk
    response = analyst.post(f"/deliveries/upload/{key}/take/", {"known": "date", "known_on": "2026-11-30"})
    job = Job.objects.get()
    assert response.headers["Location"] == f"/jobs/{job.pk}/"
    assert job.kind == "intake"
    assert job.arguments["table"] == "macro"
    assert job.arguments["known_on"] == "2026-11-30"
    assert last_upload().status == Upload.Status.TAKEN
    again = analyst.post(f"/deliveries/upload/{key}/take/", {"known": ""})
    assert again.status_code == 400
    assert Job.objects.count() == 1
    assert [*Entry.objects.filter(subject_kind="upload").values_list("action", flat=True)] == [
        "upload.take",
        "upload.receive",
    ]


def test_bad_rows_are_downloaded_repaired_and_sent_again(analyst: Client, book: Any) -> None:
    rows = "series,period_end,value,note\ngdp-rt,2026-01-31,5.5,fine\ngdp-rt,2026-02-31,5.6,=1+1\ngdp-rt,2026-03-31,none,-7\n"
    sent(analyst, "macro", rows.encode(), "gdp.csv")
    analyst.post(f"/deliveries/upload/{last_upload().pk}/take/", {"known": ""})
    (report,) = taken_in(Job.objects.get()).files
    assert (report.new, report.quarantined) == (1, {"bad_date": 1, "not_a_number": 1})
    who = text(analyst.get(f"/deliveries/batches/{report.batch}/"))
    assert "Analyst" in who

    bad = text(analyst.get(f"/deliveries/quarantine/rows.csv?batch={report.batch}"))
    header, first, second = bad.splitlines()
    assert header == "series,period_end,value,note,_reason,_where"
    assert first.startswith("gdp-rt,2026-02-31,5.6,'=1+1,bad_date: period_end is no date")
    assert second.startswith("gdp-rt,2026-03-31,none,-7,not_a_number")
    repaired = bad.replace("2026-02-31", "2026-02-28").replace("none", "5.7")
    sent(analyst, "macro", b"\xef\xbb\xbf" + repaired.encode(), "gdp-again.csv")
    page = text(analyst.get(f"/deliveries/upload/{last_upload().pk}/"))
    assert "the columns of the download and its apostrophes were taken out" in page
    assert "2 good" in page
    analyst.post(f"/deliveries/upload/{last_upload().pk}/take/", {"known": ""})
    (again,) = taken_in(Job.objects.latest("pk")).files
    assert (again.new, again.quarantined) == (2, {})
    from daihou.book import lake

    notes = [
        row["attributes"]
        for row in lake.read(settings.HOME, "macro").read_all().to_pylist()
        if row["batch"] == again.batch
    ]
    assert [json.loads(note) for note in notes] == [{"note": "=1+1"}, {"note": "-7"}]


def test_a_sheet_of_bad_rows_holds_texts_and_comes_back_too(analyst: Client, bad_batch: int) -> None:
    response = analyst.get(f"/deliveries/quarantine/rows.xlsx?batch={bad_batch}")
    header, *rows = sheet(response)
    assert header == ["payment_id", "loan_id", "paid_on", "amount", "branch", "remark", "_reason", "_where", "_text"]
    by_id = {row[0]: row for row in rows}
    assert by_id["Q1"][5] == '=HYPERLINK("x")'
    assert by_id["Q2"][3] == "1.000005"
    assert by_id["Q5"][5] == "''=kept"
    assert by_id[""][8] == "Q4,L-1,2026-03-01"
    with zipfile.ZipFile(io.BytesIO(body(response))) as packed:
        assert b"<f>" not in packed.read("xl/worksheets/sheet1.xml")
    sent(analyst, "payments", body(response), "again.xlsx")
    file = last_upload().files[0]
    restored = (settings.HOME.path / file["path"]).read_text("utf-8")
    assert [json.loads(line)["remark"] for line in restored.splitlines() if line] == [
        '=HYPERLINK("x")',
        "-5",
        "+cmd",
        "'=kept",
    ]


def test_a_download_is_of_one_table_and_recorded(analyst: Client, bad_batch: int) -> None:
    assert analyst.get("/deliveries/quarantine/rows.csv?reason=nothing").status_code == 400
    assert analyst.get(f"/deliveries/quarantine/rows.csv?batch={bad_batch}").status_code == 200
    entry = Entry.objects.first()
    assert entry is not None
    assert (entry.action, entry.subject_id, entry.detail["rows"]) == ("quarantine.download", "payments", 5)


def test_too_many_rows_for_one_download_are_refused(analyst: Client, bad_batch: int, monkeypatch: Any) -> None:
    monkeypatch.setattr(download, "DOWNLOAD_ROWS", 4)
    response = analyst.get(f"/deliveries/quarantine/rows.csv?batch={bad_batch}")
    assert response.status_code == 400
    assert "Choose a batch or a reason" in text(response)


def test_a_repaired_file_with_a_broken_line_is_refused_whole(analyst: Client, book: Any) -> None:
    response = sent(analyst, "macro", b"series,period_end,value,_reason,_where\na,2026-01-31,1\n", "bad.csv")
    assert response.status_code == 400
    assert "as many cells as its header: 2" in text(response)


def test_gb18030_is_recognised(analyst: Client, book: Any) -> None:
    sent(analyst, "macro", "series,period_end,value,备注\ncpi,2026-01-31,1,柜面还款\n".encode("gb18030"), "宏观.txt")
    page = text(analyst.get(f"/deliveries/upload/{last_upload().pk}/"))
    assert "GB18030" in page
    assert "柜面还款" in page


def test_columns_are_matched_on_the_page_and_the_mapping_kept(analyst: Client, book: Any) -> None:
    sent(analyst, "macro", "指标;日期;数值(%);备注\ncpi;2026年1月31日;1.234,5;x\n".encode(), "macro.csv")
    key = last_upload().pk
    page = text(analyst.get(f"/deliveries/upload/{key}/"))
    assert "Required columns that no column of the file gives" in page
    chosen = {
        "to-0": "series",
        "to-1": "period_end",
        "form-1": "2026年3月14日",
        "to-2": "value",
        "form-2": "1.234,56",
        "to-3": "-",
    }
    assert analyst.post(f"/deliveries/upload/{key}/match/", {"file": "1", **chosen}).status_code == 302
    assert last_upload().mapping == (
        "table: macro\ncolumns:\n  series: 指标\n  period_end:\n    from: 日期\n    date:\n    - '%Y年%m月%d日'\n"
        "  value:\n    from: 数值(%)\n    thousands: .\n    decimal: ','\nignore:\n- 备注\n"
    )
    assert "1 good" in text(analyst.get(f"/deliveries/upload/{key}/"))
    assert analyst.get(f"/deliveries/upload/{key}/mapping.yaml").content.decode() == last_upload().mapping
    analyst.post(f"/deliveries/upload/{key}/take/", {"known": ""})
    (report,) = taken_in(Job.objects.get()).files
    assert (report.new, report.quarantined) == (1, {})


def test_one_column_is_not_made_of_two(analyst: Client, book: Any) -> None:
    sent(analyst, "macro", b"a,b,value\n1,2,3\n")
    response = analyst.post(
        f"/deliveries/upload/{last_upload().pk}/match/", {"to-0": "series", "to-1": "series", "to-2": "value"}
    )
    assert response.status_code == 400
    assert "made of two columns" in text(response)


def test_a_mapping_that_is_none_is_told_and_what_was_typed_stays(analyst: Client, book: Any) -> None:
    sent(analyst, "macro", MACRO)
    for typed, told in (("columns: [", "not valid YAML"), ("columns:\n  serie: x", "Did you mean series")):
        response = analyst.post(f"/deliveries/upload/{last_upload().pk}/mapping/", {"mapping": typed})
        assert response.status_code == 400
        assert told in text(response)
        assert typed.splitlines()[0] in text(response)


def test_a_mapping_file_comes_with_the_upload(analyst: Client, book: Any) -> None:
    mapping = SimpleUploadedFile("m.yaml", b"columns:\n  value: v\n")
    sent(analyst, "macro", b"series,period_end,v\na,2026-01-31,1\n", mapping=mapping)
    assert last_upload().mapping == "columns:\n  value: v\n"
    assert "1 good" in text(analyst.get(f"/deliveries/upload/{last_upload().pk}/"))


def test_options_that_intake_would_refuse_are_told(analyst: Client, book: Any) -> None:
    sent(analyst, "bureau_lines", b"report_id,lender\nR1,x\n")
    key = last_upload().pk
    for asked, told in (
        ({"known": "event"}, "have no date of their own"),
        ({"known": "date", "known_on": "2026-02-30"}, "is no date"),
    ):
        response = analyst.post(f"/deliveries/upload/{key}/take/", asked)
        assert response.status_code == 400
        assert told in text(response)
        assert analyst.post(f"/deliveries/upload/{key}/check/", asked).status_code == 400
    assert not Job.objects.exists()


def test_options_change_what_is_looked_at(analyst: Client, book: Any) -> None:
    sent(analyst, "macro", MACRO, known="event")
    upload = last_upload()
    assert upload.options["known_on"] == "event"
    response = analyst.post(
        f"/deliveries/upload/{upload.pk}/check/", {"known": "date", "known_on": "2026-12-01", "file": "1"}
    )
    assert response.status_code == 302
    assert last_upload().options["known_on"] == "2026-12-01"


def _zip(*names: str) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as packed:
        for name in names:
            packed.writestr(name, "x")
    return made.getvalue()


@pytest.mark.parametrize(
    ("content", "name", "told"),
    [
        (b"\x89PNG\r\n\x1a\n" + b"\0" * 40, "payments.csv", "an image"),
        (b"%PDF-1.7\n", "payments.csv", "a PDF"),
        (b"MZ\x90\x00\x03\x00" + b"\0" * 60, "payments.xlsx", "a program"),
        (b"\x7fELF\x02\x01", "payments.csv", "a program"),
        (b"\x1f\x8b\x08\x00", "payments.csv.gz", "a packed file"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "payments.xls", "Save it as .xlsx"),
        (_zip("a.csv"), "payments.zip", "a packed file (ZIP)"),
        (_zip("word/document.xml"), "payments.xlsx", "another Office file"),
        (b"PK\x03\x04cut", "payments.xlsx", "cut off or damaged"),
        (b'[{"series": "a"}]', "payments.json", "one JSON list"),
        (b"<!DOCTYPE html><html></html>", "payments.csv", "a web page"),
        (b"a,b\x00\x01\x02", "payments.csv", "no text"),
        (b"", "payments.csv", "The file is empty"),
        (b"series\xff\xfe\xfd,\x81\x20\x81\n", "payments.csv", "neither UTF-8 nor GB18030"),
    ],
)  # fmt: skip
def test_the_wrong_kind_is_refused_and_nothing_stays(
    analyst: Client, book: Any, content: bytes, name: str, told: str
) -> None:
    before = sorted(path.name for path in uploads_folder().iterdir()) if uploads_folder().is_dir() else []
    response = sent(analyst, "macro", content, name)
    assert response.status_code == 400
    page = text(response)
    assert told in page
    assert "Traceback" not in page
    assert str(settings.HOME.path) not in page
    assert sorted(path.name for path in uploads_folder().iterdir()) == before
    entry = Entry.objects.first()
    assert entry is not None
    assert entry.action == "upload.refuse"


def test_two_gigabytes_are_refused_before_they_are_read(analyst: Client, book: Any) -> None:
    class Unread(io.RawIOBase):
        def read(self, _size: int = -1) -> bytes:
            raise AssertionError("read")

    response = analyst.generic(
        "POST", "/deliveries/upload/", b"", content_type="multipart/form-data; boundary=x",
        CONTENT_LENGTH=str(2 << 30), **{"wsgi.input": Unread()},  # type: ignore[arg-type]
    )  # fmt: skip
    assert response.status_code == 413
    assert "larger than the 512 MB of one upload (2,048 MB)" in text(response)


def test_what_turns_out_too_large_is_stopped_on_the_way(analyst: Client, book: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(receiving, "UPLOAD_BYTES", 200_000)
    response = sent(analyst, "macro", MACRO + b"x" * 400_000)
    assert response.status_code == 413
    assert not Upload.objects.exists()


def test_too_many_files_are_refused(analyst: Client, book: Any, monkeypatch: Any) -> None:
    files = [SimpleUploadedFile(f"{number}.csv", MACRO) for number in range(policy.UPLOAD_FILES + 2)]
    response = analyst.post("/deliveries/upload/", {"table": "macro", "files": files})
    assert response.status_code == 413
    assert "More than 20 files" in text(response)


def test_a_workbook_that_unpacks_too_far_is_refused(analyst: Client, book: Any, monkeypatch: Any) -> None:
    from daihou.desk.deliveries import kinds

    monkeypatch.setattr(kinds, "UNPACKED_BYTES", 1)
    response = sent(analyst, "macro", _zip("xl/workbook.xml", "xl/worksheets/sheet1.xml"), "a.xlsx")
    assert response.status_code == 400
    assert "unpacks to more than" in text(response)


def test_a_full_disk_is_told(analyst: Client, book: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(receiving, "FREE_BYTES", 1 << 60)
    response = sent(analyst, "macro", MACRO)
    assert response.status_code == 400
    assert "too little room" in text(response)


def test_people_are_not_uploaded_here(analyst: Client, book: Any) -> None:
    assert 'value="people"' not in text(analyst.get("/deliveries/upload/"))
    assert sent(analyst, "people", MACRO).status_code == 400
    response = sent(analyst, "macro", "series,period_end,value,手机号\na,2026-01-31,1,138\n".encode())
    page = text(analyst.get(response.headers["Location"]))
    assert "seems to name people" in page
    assert "disabled" in page


def test_names_of_files_lead_nowhere(analyst: Client, book: Any) -> None:
    sent(analyst, "macro", MACRO, "..\\..\\evil\u202e.csv")
    file = last_upload().files[0]
    assert (settings.HOME.path / file["path"]).resolve().is_relative_to(uploads_folder())
    assert file["name"] == "evil.csv"


def test_a_form_without_its_token_is_refused_and_nothing_stays(cast: Any, book: Any) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(cast["analyst"])
    before = [*uploads_folder().iterdir()] if uploads_folder().is_dir() else []
    assert sent(browser, "macro", MACRO).status_code == 403
    assert [*uploads_folder().iterdir()] == before


def test_dropped_files_are_gone(analyst: Client, book: Any) -> None:
    sent(analyst, "macro", MACRO)
    upload = last_upload()
    assert upload.folder.is_dir()
    analyst.post(f"/deliveries/upload/{upload.pk}/drop/")
    assert not upload.folder.exists()
    assert last_upload().status == Upload.Status.DROPPED
    assert analyst.get(f"/deliveries/upload/{upload.pk}/").status_code == 200


def test_what_nobody_takes_in_for_a_day_is_deleted_with_the_next_upload(analyst: Client, book: Any) -> None:
    sent(analyst, "macro", MACRO)
    old = last_upload()
    Upload.objects.filter(pk=old.pk).update(at=timezone.now() - dt.timedelta(hours=policy.KEPT_HOURS + 1))
    sent(analyst, "macro", MACRO + b"a,2026-01-31,9\n")
    assert not old.folder.exists()
    assert last_upload().folder.is_dir()
    assert transitions.forget_abandoned(timezone.now()) == 0


def test_a_file_gone_from_the_disk_is_told(analyst: Client, book: Any) -> None:
    sent(analyst, "macro", MACRO)
    upload = last_upload()
    upload.path(upload.files[0]).unlink()
    assert "no longer here" in text(analyst.get(f"/deliveries/upload/{upload.pk}/"))
    assert analyst.post(f"/deliveries/upload/{upload.pk}/take/", {"known": ""}).status_code == 400


def test_the_same_file_again_is_pointed_out(analyst: Client, book: Any) -> None:
    content = b"series,period_end,value\nppi-same,2026-01-31,1.5\n"
    sent(analyst, "macro", content, "ppi.csv")
    analyst.post(f"/deliveries/upload/{last_upload().pk}/take/", {"known": ""})
    (report,) = taken_in(Job.objects.get()).files
    sent(analyst, "macro", content, "ppi.csv")
    assert f"as batch {report.batch}" in text(analyst.get(f"/deliveries/upload/{last_upload().pk}/"))


def test_an_analyst_of_one_branch_does_not_upload_for_the_whole_lender(db: None, book: Any) -> None:
    from desk.conftest import user

    browser = Client()
    browser.force_login(user("branch_analyst", ("analyst", "B01"), language="en"))
    assert browser.get("/deliveries/upload/").status_code == 403
    assert sent(browser, "macro", MACRO).status_code == 403
    assert upload_views.WRONG == 400


@pytest.mark.parametrize(
    ("mapping", "said"),
    [("", "Send the file with"), ("select: SELECT txn_id, account_id, booked_at, amount FROM file", "kept nowhere")],
)
def test_raw_texts_of_transactions_are_refused_since_uploads_stay(
    analyst: Client, book: Any, mapping: str, said: str
) -> None:
    rows = "txn_id,account_id,booked_at,amount,memo\nT1,A1,2026-02-01T10:00:00+08:00,1,诊所复查\n"
    sent(analyst, "transactions", rows.encode(), "flows.csv")
    upload = last_upload()
    upload.mapping = mapping
    upload.save(update_fields=["mapping"])
    assert said in text(analyst.get(f"/deliveries/upload/{upload.pk}/"))
    refused = analyst.post(f"/deliveries/upload/{upload.pk}/take/", {"known": ""})
    assert refused.status_code == 400
    assert not Job.objects.exists()
    assert last_upload().waiting
