"""Pages of credit reports: the list, a query with what the gate said, a borrower's reports side by side, authorisations, files; by role and reach."""

from __future__ import annotations

import datetime as dt
import json
from typing import TYPE_CHECKING, Any

from django.core.files.uploadedfile import SimpleUploadedFile

from daihou.book.intake import deliver
from daihou.desk.audit.models import Entry
from daihou.desk.bureau import written_back
from daihou.desk.bureau.comparing import known
from daihou.desk.bureau.models import Authorisation, Query, Result
from daihou.desk.bureau.trial.behaviour import Book, Manner
from desk.alerts.hands import browser
from desk.bureau.asks import COMPANY, DAY, LI, MINUTE, NOW, authorised, only, wanted, work

if TYPE_CHECKING:
    from pathlib import Path

    from django.test import Client

    from daihou.book.home import Home
    from daihou.desk.people.models import User

Staff = dict[str, "User"]
PDF = b"%PDF-1.7 scan"


def plain(**changed: Any) -> bytes:
    """A report of Li Na."""
    report = {
        "number": "R-9", "subject": {"id_no": "1101011990****001X"}, "date": "2026-03-16", "score": 580, "inquiries_3m": 7,
        "credits": [{"lender": "乙消金", "product": "消费贷", "balance": 3000, "days_past_due": 30, "opened_on": "2026-01-05"}],
    }  # fmt: skip
    return json.dumps({"report": report | changed}, ensure_ascii=False).encode()


def numbers(client: Client, query: str = "") -> list[str]:
    answer = client.get(f"/bureau/{query}")
    assert answer.status_code == 200
    return [one.number for one, _ in answer.context["rows"]]


def test_the_list_shows_what_is_in_reach_by_view_state_bureau_and_who(staff: Staff) -> None:
    authorised(staff["wang"])
    allowed, refused = wanted(staff["wang"]), wanted(staff["he"])
    Query.objects.filter(pk=allowed.pk).update(outcome="unclear", sent_at=NOW)
    wang, far, wu = (browser(staff[name]) for name in ("wang", "far", "wu"))
    both = [refused.number, allowed.number]
    assert numbers(wang) == numbers(wu) == both
    assert numbers(far) == []
    assert (
        numbers(wang, "?view=mine")
        == numbers(wang, "?view=stuck")
        == numbers(wang, "?view=under_way")
        == [allowed.number]
    )
    assert numbers(wang, "?view=refused") == numbers(wang, "?outcome=refused") == [refused.number]
    assert numbers(wang, f"?who={staff['he'].pk}") == numbers(wang, f"?q={refused.number}") == [refused.number]
    assert numbers(wang, "?bureau=other") == numbers(wang, "?q=P9") == []
    assert numbers(wang, f"?bureau=pbc&q={LI}&view=x&outcome=y&who=z") == both
    assert browser(staff["zhao"]).get("/bureau/").status_code == 403


def test_who_asks_sees_what_the_gate_said_with_article_and_moment(staff: Staff) -> None:
    wang = browser(staff["wang"])
    answer = wang.post(
        f"/bureau/borrowers/{LI}/ask/",
        {"bureau": "pbc", "reason": "post_loan_management", "key": "k1", "note": "yearly"},
        follow=True,
    )
    page = answer.content.decode()
    assert "《征信业管理条例》第十八条、第二十条" in page
    assert "Waiting alone does not make it lawful." in page
    assert only().outcome == "refused"
    assert browser(staff["far"]).get(f"/bureau/queries/{only().pk}/").status_code == 404
    assert (
        wang.post(
            f"/bureau/borrowers/{LI}/ask/", {"bureau": "x", "reason": "post_loan_management", "key": "k2"}
        ).status_code
        == 422
    )
    assert browser(staff["wu"]).post(f"/bureau/borrowers/{LI}/ask/", {"bureau": "pbc"}).status_code == 403


def test_an_authorisation_is_recorded_with_its_scan_and_withdrawn(staff: Staff, settings: Any) -> None:
    wang, at = browser(staff["wang"]), f"/bureau/borrowers/{LI}/"
    stated = {
        "document": "HT-7",
        "purposes": ["post_loan_management", "dispute_check"],
        "given_on": "2026-03-01",
        "until": "2027-03-01",
        "bureaus": ["pbc"],
    }
    answer = wang.post(f"{at}authorise/", stated | {"file": SimpleUploadedFile("授权书.pdf", PDF)})
    assert answer.status_code == 302
    row = Authorisation.objects.get()
    assert (row.number, row.purposes, row.bureaus) == (
        f"AU-2026-{row.pk:06d}",
        ["dispute_check", "post_loan_management"],
        ["pbc"],
    )
    assert PDF not in (settings.MEDIA_ROOT / row.scan.name).read_bytes()
    scan = wang.get(f"/bureau/authorisations/{row.pk}/scan/")
    assert b"".join(scan.streaming_content) == PDF  # type: ignore[attr-defined]
    assert Entry.objects.filter(action="bureau.scan").count() == 1
    assert "HT-7" in wang.get(at).content.decode()
    assert wang.post(f"/bureau/authorisations/{row.pk}/revoke/", {"note": "no"}).status_code == 422
    assert (
        browser(staff["far"]).post(f"/bureau/authorisations/{row.pk}/revoke/", {"note": "by letter"}).status_code == 404
    )
    assert wang.post(f"/bureau/authorisations/{row.pk}/revoke/", {"note": "by letter"}).status_code == 302
    assert wang.post(f"/bureau/authorisations/{row.pk}/revoke/", {"note": "by letter"}).status_code == 409
    wrongs: list[dict[str, Any]] = [
        {"purposes": []},
        {"given_on": "x"},
        {"until": "2026-02-01"},
        {"document": " "},
        {"bureaus": ["moon"]},
    ]
    for wrong in wrongs:
        assert wang.post(f"{at}authorise/", stated | wrong).status_code == 422
    assert wang.post(f"{at}authorise/", stated | {"file": SimpleUploadedFile("a.pdf", b"\x00\x01")}).status_code == 422
    assert Authorisation.objects.count() == 1


def test_the_report_of_a_query_is_brought_as_a_file_whole_or_not(staff: Staff) -> None:
    authorised(staff["wang"])
    query, wang = wanted(staff["wang"]), browser(staff["wang"])
    at = f"/bureau/queries/{query.pk}/bring/"
    assert "Bring its report" in wang.get(f"/bureau/queries/{query.pk}/").content.decode()

    def bring(content: bytes, revision: int = 1) -> int:
        return wang.post(at, {"revision": revision, "file": SimpleUploadedFile("report.json", content)}).status_code

    assert bring(plain(date="2026-03-18")) == 422
    assert bring(plain(subject={"id_no": "110101198004040044"})) == 422
    assert wang.post(at, {"revision": 1}).status_code == 422
    assert not Result.objects.exists()
    assert bring(plain(), 9) == 409
    assert bring(plain()) == 302
    assert bring(plain(), 2) == 409
    query = only()
    assert (query.outcome, query.report_id, query.cost) == ("answered", query.number, query.cost_expected)
    assert Result.objects.get(query=query).by == staff["wang"]
    assert Entry.objects.filter(action="bureau.import").count() == 1
    assert "乙消金" in wang.get(f"/bureau/queries/{query.pk}/").content.decode()


def test_every_look_at_a_raw_report_is_logged(staff: Staff, book: Book) -> None:
    authorised(staff["wang"])
    wanted(staff["wang"])
    work()
    result = Result.objects.get()
    at = f"/bureau/reports/{result.pk}/raw/"
    assert browser(staff["wu"]).get(at).status_code == 403
    assert browser(staff["far"]).get(at).status_code == 404
    assert not Entry.objects.filter(action="bureau.look").exists()
    for times in (1, 2):
        answer = browser(staff["wang"]).get(at)
        assert b"11010119900101001X" in b"".join(answer.streaming_content)  # type: ignore[attr-defined]
        assert Entry.objects.filter(action="bureau.look", actor="wang", subject_id=result.report_id).count() == times


def test_an_unclear_one_is_asked_for_now_or_settled_by_a_manager(staff: Staff, book: Book) -> None:
    book.manner = Manner({"drop_after": 1.0}, ready_after=3600.0)
    authorised(staff["wang"])
    query = wanted(staff["wang"])
    work()
    at, wang, he = f"/bureau/queries/{query.pk}/", browser(staff["wang"]), browser(staff["he"])
    assert "never sent again by itself" in wang.get(at).content.decode()
    assert wang.post(f"{at}result/", {"revision": only().revision}).status_code == 302
    assert only().due_at == NOW
    assert wang.post(f"{at}withdraw/", {"revision": only().revision}).status_code == 409
    stated = {"became": "declined", "note": "told by telephone"}
    assert wang.post(f"{at}settle/", stated | {"revision": only().revision}).status_code == 403
    assert he.post(f"{at}settle/", stated | {"revision": only().revision, "note": ""}).status_code == 422
    assert he.post(f"{at}settle/", stated | {"revision": only().revision, "became": "answered"}).status_code == 422
    assert he.post(f"{at}settle/", stated | {"revision": only().revision}).status_code == 302
    assert (only().outcome, only().cost, only().trouble) == ("declined", only().cost_expected, "by_hand")
    assert "told by telephone" in wang.get(at).content.decode()
    assert "telephone" not in str(list(Entry.objects.values_list("detail", flat=True)))
    work(NOW + 10 * MINUTE)
    assert only().outcome == "declined"


def test_a_report_that_could_not_be_read_is_read_once_its_mapping_is_right(
    staff: Staff, book: Book, home: Home
) -> None:
    (home.path / "bureaus").mkdir()
    own = home.path / "bureaus" / "plain_json.yaml"
    own.write_text(
        "mapping: plain_json\nformat: json\nreport: {queried_on: {path: report/day, needed: true}}\nlines_at: report/credits\nlines: {}\n",
        "utf-8",
    )
    authorised(staff["wang"])
    query, wang = wanted(staff["wang"]), browser(staff["wang"])
    work()
    at = f"/bureau/queries/{query.pk}/"
    assert "report/day" in wang.get(at).content.decode()
    assert numbers(wang, "?view=unread") == [query.number]
    assert wang.post(f"{at}reread/").status_code == 422
    own.unlink()
    assert wang.post(f"{at}reread/").status_code == 302
    assert (only().outcome, only().report_id) == ("answered", query.number)
    assert wang.post(f"{at}reread/").status_code == 409


def test_the_last_two_reports_stand_side_by_side_with_what_changed(
    staff: Staff, book: Book, home: Home, tmp_path: Path
) -> None:
    for table, text in (
        ("bureau_reports", "report_id,borrower_id,queried_on,score,inquiries_3m\nOLD,P1,2025-12-01,700,1\n"),
        ("bureau_lines", "report_id,lender,product,balance,dpd,opened_on\nOLD,甲银行,房贷,5000,0,2021-06-01\n"),
    ):
        (tmp_path / f"{table}.csv").write_text(text, "utf-8")
        assert not deliver(home, [tmp_path / f"{table}.csv"], table, today=dt.date(2026, 3, 2)).exit_code
    authorised(staff["wang"])
    query, wang = wanted(staff["wang"]), browser(staff["wang"])
    wang.post(f"/bureau/queries/{query.pk}/bring/", {"revision": 1, "file": SimpleUploadedFile("r.json", plain())})
    answer = wang.get(f"/bureau/borrowers/{LI}/")
    found = answer.context["compared"]
    assert (found.before.report_id, found.now.report_id) == ("OLD", query.number)
    assert (found.difference.score, found.difference.inquiries, found.difference.balance) == (-120, 6, -0.4)
    assert (found.difference.new_lenders, found.difference.new_overdue) == (frozenset({"乙消金"}), 1)
    page = answer.content.decode()
    assert "new: 乙消金" in page
    assert "-120" in page or "−120" in page
    written_back.write(NOW)  # in the lake as well, it is the same report
    assert [one.report_id for one in known(LI)] == [query.number, "OLD"]


def test_the_first_report_of_a_borrower_stands_alone(staff: Staff, book: Book) -> None:
    authorised(staff["wang"])
    wanted(staff["wang"])
    work()
    answer = browser(staff["wang"]).get(f"/bureau/borrowers/{LI}/")
    assert answer.status_code == 200
    found = answer.context["compared"]
    assert (found.now.report_id, found.before, found.difference) == (only().number, None, None)


def test_what_cannot_be_read_may_be_of_somebody_else_and_is_for_managers(staff: Staff, book: Book) -> None:
    book.manner = Manner({"garbage": 1.0})
    authorised(staff["wang"])
    query = wanted(staff["wang"])
    work()
    raw, page = f"/bureau/reports/{Result.objects.get().pk}/raw/", f"/bureau/queries/{query.pk}/"
    assert browser(staff["wang"]).get(raw).status_code == 404
    assert raw not in browser(staff["wang"]).get(page).content.decode()
    assert browser(staff["he"]).get(raw).status_code == 200
    assert raw in browser(staff["he"]).get(page).content.decode()


def test_one_report_that_does_not_go_to_the_lake_holds_up_no_other(staff: Staff, book: Book) -> None:
    for borrower in (LI, COMPANY):
        authorised(staff["wang"], borrower)
        wanted(staff["wang"], borrower)
    work()
    first, second = Result.objects.order_by("pk")
    whole = first.rows
    Result.objects.filter(pk=first.pk).update(rows={"report": {}})
    assert written_back.write(NOW) == 1
    second.refresh_from_db()
    assert second.told_at == NOW
    Result.objects.filter(pk=first.pk).update(rows=whole)
    assert written_back.write(NOW + MINUTE) == 0  # it waits for a while
    assert written_back.write(NOW + 10 * MINUTE) == 1


def test_reports_go_to_the_lake_once(staff: Staff, book: Book) -> None:
    authorised(staff["wang"])
    wanted(staff["wang"])
    work()
    assert written_back.write(NOW) == 1
    assert written_back.write(NOW) == 0
    (first,) = known(LI)
    lines = len(first.report.lines)
    Result.objects.update(told_at=None)  # killed between intake and mark
    assert written_back.write(NOW + DAY) == 1
    Result.objects.update(borrower_id="elsewhere")
    (again,) = known(LI)
    assert (again.result, len(again.report.lines)) == (None, lines)
    assert again.report == first.report


def test_a_borrower_without_anything_has_a_page_and_one_out_of_reach_has_none(staff: Staff) -> None:
    page = browser(staff["wang"]).get("/bureau/borrowers/F1/").content.decode()
    for said in ("No report yet", "Nobody has asked yet", "No authorisation is recorded"):
        assert said in page
    assert browser(staff["far"]).get("/bureau/borrowers/F1/").status_code == 404
    assert browser(staff["wang"]).get("/bureau/").content.decode().count("No query here") == 1


def test_the_asking_page_makes_a_new_key_each_time(staff: Staff) -> None:
    wang = browser(staff["wang"])
    keys = {wang.get(f"/bureau/borrowers/{LI}/").context["key"] for _ in range(2)}
    assert len(keys) == 2
