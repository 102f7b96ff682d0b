"""Letters on paper: both amounts, the addressee uncovered and logged, the slip to be signed; and in Chinese as in English."""

from __future__ import annotations

from typing import TYPE_CHECKING

from daihou.desk.audit.log import record
from daihou.desk.audit.models import Entry
from daihou.desk.letters.models import Letter, Wording
from daihou.desk.vault.erasure import erase
from desk.alerts.hands import asked, browser
from desk.letters.test_making import made

if TYPE_CHECKING:
    from django.test import Client

    from daihou.book.home import Home
    from daihou.desk.people.models import User


def printed(client: Client, *letters: Letter, language: str = "zh-hans") -> str:
    answer = client.post("/letters/print/", {"ids": [one.pk for one in letters], "language": language})
    assert answer.status_code == 200
    assert answer["Cache-Control"] == "max-age=0, no-cache, no-store, must-revalidate, private"
    return answer.content.decode()


def test_the_sheet_has_the_amount_in_figures_and_in_capitals_and_whom_it_is_for(staff: dict[str, User]) -> None:
    (letter,) = made(staff["wang"], "overdue", "L1").new
    page = printed(browser(staff["wang"]), letter)
    for told in (
        "人民币2,250.00元",
        "人民币贰仟贰佰伍拾元整",
        "张小明",
        "滨江市港口路 8 号",
        "逾期贷款催收通知书",
        "送达回执",
        letter.number,
        "2026年3月4日",
        "诉讼时效",
        "East Branch",
    ):
        assert told in page, told
    english = printed(browser(staff["wang"]), letter, language="en")
    for told in (
        "CNY 2,250.00",
        "人民币贰仟贰佰伍拾元整",
        "Overdue notice and demand",
        "4 March 2026",
        "Proof of service",
    ):
        assert told in english, told
    assert Letter.objects.get().printed_at is not None


def test_each_uncovering_is_logged_and_the_page_of_the_letter_shows_a_mask(staff: dict[str, User]) -> None:
    letters = made(staff["wang"], "overdue", "L1", guarantors=True).new
    page = printed(browser(staff["wang"]), *letters)
    assert page.count('<article class="notice"') == 3
    assert Entry.objects.filter(action="letter.print").count() == 3
    revealed = [entry.subject_id for entry in Entry.objects.filter(action="person.reveal").order_by("pk")]
    assert revealed == ["C1", "G1"]  # each once; who is not in the vault is not uncovered
    shown = browser(staff["wang"]).get(f"/letters/{letters[0].pk}/").content.decode()
    assert "张小明" not in shown
    assert "港口路" not in shown
    listed = browser(staff["wang"]).get("/letters/").content.decode()
    assert "张小明" not in listed


def test_who_may_not_or_does_not_reach_prints_nothing(staff: dict[str, User]) -> None:
    (letter,) = made(staff["wang"], "overdue", "L1").new
    assert browser(staff["zheng"]).post("/letters/print/", {"ids": [letter.pk]}).status_code == 403
    assert browser(staff["far"]).post("/letters/print/", {"ids": [letter.pk, "x"]}).status_code == 302
    assert not Entry.objects.filter(action="person.reveal").exists()


def test_beyond_what_an_hour_allows_nobody_is_uncovered_and_it_is_said_how_many_may_be_printed(
    staff: dict[str, User],
) -> None:
    letters, client = made(staff["wang"], "overdue", "L1", "L3", "L4").new, browser(staff["wang"])
    for _ in range(59):
        record(asked(staff["wang"]), "person.reveal", "borrower", "C9", {})
    answer = client.post("/letters/print/", {"ids": [one.pk for one in letters]}, follow=True)
    assert "Print no more than 1 of them now" in answer.content.decode()
    assert not Entry.objects.filter(action="person.reveal", subject_id__in=("C1", "C2")).exists()
    assert client.post("/letters/print/", {"ids": [one.pk for one in letters[1:]]}).status_code == 200  # both of C2
    answer = client.post("/letters/print/", {"ids": [letters[0].pk]}, follow=True)
    assert "Go on later" in answer.content.decode()


def test_of_an_erased_person_name_and_address_stay_open(staff: dict[str, User]) -> None:
    (letter,) = made(staff["wang"], "overdue", "L1").new
    erase("C1", "wang", "asked for it")
    page = printed(browser(staff["wang"]), letter)
    assert "张小明" not in page
    assert 'class="fill"' in page


def test_a_letter_keeps_its_words_when_the_policy_changes(staff: dict[str, User], home: Home) -> None:
    (letter,) = made(staff["wang"], "overdue", "L1").new
    words = Wording.objects.get()
    words.words["body_zh"][0] = "旧文本 {total}"
    words.save()
    assert "旧文本 人民币2,250.00元（大写：人民币贰仟贰佰伍拾元整）" in printed(browser(staff["wang"]), letter)


def test_the_list_is_by_state_kind_and_number(staff: dict[str, User]) -> None:
    client = browser(staff["wang"])
    first, second = made(staff["wang"], "overdue", "L1", "L3").new
    third = made(staff["wang"], "maturity", "L2").new[0]

    def rows(query: str) -> list[int]:
        return [one.pk for one in client.get(f"/letters/{query}").context["letters"]]

    assert rows("") == [third.pk, second.pk, first.pk]
    assert rows("?kind=maturity") == [third.pk]
    assert rows("?view=sent") == []
    assert rows(f"?q={second.number}") == [second.pk]
    assert rows("?q=C1") == [third.pk, first.pk]
    assert rows("?view=nonsense&kind=x&q=nobody&page=z") == []
    assert browser(staff["far"]).get("/letters/").context["letters"] == []
    assert "No letter here" in browser(staff["far"]).get("/letters/").content.decode()
