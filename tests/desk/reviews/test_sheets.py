"""Doing a review: begun, saved as it is typed, proven by pieces, confirmed by a second person, finished; then it is facts in the lake."""

from __future__ import annotations

import datetime as dt
from io import BytesIO
from typing import TYPE_CHECKING, Any

import pytest
from django.conf import settings
from django.urls import reverse

from daihou.book import lake
from daihou.book.errors import DaihouError
from daihou.desk.audit.models import Entry
from daihou.desk.facts import writing
from daihou.desk.reviews import guards, sheets
from daihou.desk.reviews.choices import Act, State
from daihou.desk.reviews.models import Fact, Piece, Review, Sheet
from desk.alerts.hands import browser
from desk.files_made import picture
from desk.reviews.test_pages import NOW, TODAY, home, made, staff

if TYPE_CHECKING:
    from pathlib import Path

    from django.test import Client

    from daihou.desk.people.models import User

__all__ = ["home", "staff"]
FORM = """
form: shop
versions:
  - number: 1
    from: 2026-01-01
    owner: Test
    en: Shop
    zh: 店面
    two_people: true
    onsite: true
    bands:
      - {code: sound, least: 0, en: Sound, zh: 正常, suggestion: {en: Go on., zh: 维持。}}
    sections:
      - id: trade
        en: Trade
        zh: 经营
        questions:
          - id: open
            kind: choice
            en: Is it open?
            zh: 是否营业？
            required: true
            choices:
              - {code: 'open', en: Open, zh: 正常, points: 10}
              - {code: shut, en: Shut, zh: 停业, points: 0, finding: business_stopped}
          - id: turnover
            kind: money
            en: Turnover a month
            zh: 月均流水
            required: true
            compare: last
            least: 0
            needs_reason: [{fall: 20%, told_in: why}]
          - {id: why, kind: text, en: Why did it fall?, zh: 下降原因, when: turnover_change < -20%, most: 200}
          - id: willing
            kind: rating
            en: Willingness
            zh: 还款意愿
            required: true
            rates: willingness
            labels: [{en: a, zh: 拒绝}, {en: b, zh: 推托}, {en: c, zh: 犹豫}, {en: d, zh: 愿意}, {en: e, zh: 主动}]
          - {id: front, kind: photos, en: The front, zh: 门头, evidence: {least: 1, kinds: [photo], asked: [{code: front, en: Front, zh: 门头}]}}
"""
VOCABULARY = "findings:\n  - {code: business_stopped, level: red, en: Business stopped, zh: 停业}\n"
PNG = picture()


@pytest.fixture
def shop(staff: dict[str, User]) -> Review:
    """A review by the form of a shop, which is Li's."""
    folder = settings.HOME.path / "forms"
    folder.mkdir(parents=True)
    (folder / "shop.yaml").write_text(FORM, "utf-8")
    (folder / "findings.yaml").write_text(VOCABULARY, "utf-8")
    return made(form="shop", owner=staff["li"])


def begin(client: Client, review: Review) -> Any:
    return client.post(
        reverse("review_begin", args=[review.pk]), {"revision": Review.objects.get(pk=review.pk).revision}
    )


def send(client: Client, review: Review, name: str = "save", revision: int | None = None, **answers: Any) -> Any:
    sheet = Sheet.objects.get(review=review)
    said = {f"a.{key}": value for key, value in answers.items()}
    stated = {"sheet": sheet.revision if revision is None else revision, "asked": list(answers), **said}
    return client.post(reverse(f"review_{name}", args=[review.pk]), stated)


def attach(client: Client, review: Review, content: bytes = PNG, name: str = "front.png") -> Any:
    file = BytesIO(content)
    file.name = name
    return client.post(
        reverse("review_attach", args=[review.pk]), {"question": "front", "shows": "front", "file": file}
    )


def whole(client: Client, review: Review, **more: Any) -> Any:
    return send(client, review, "finish", **({"open": "open", "turnover": "182,000.00", "willing": "4"} | more))


def test_a_visit_from_its_beginning_to_its_facts(shop: Review, staff: dict[str, User]) -> None:
    li, wang = browser(staff["li"]), browser(staff["wang"])
    assert li.get(f"/reviews/{shop.pk}/form/").status_code == 404
    assert begin(wang, shop).status_code == 422  # it is Li's
    assert begin(li, shop).status_code == 302
    assert begin(li, shop).status_code == 409
    assert send(li, shop, open="shut", turnover="182,000.5").status_code == 200
    sheet = Sheet.objects.get()
    assert (sheet.answers, sheet.revision, sheet.version) == ({"open": "shut", "turnover": 18_200_050}, 2, 1)
    wanting = whole(li, shop, open="shut")
    assert wanting.status_code == 422
    assert [line.question.id for part in wanting.context["parts"] for line in part.lines if line.problem] == ["front"]
    assert attach(li, shop).status_code == 302
    assert attach(li, shop).status_code == 302
    assert Piece.objects.count() == 1
    assert "second person" in whole(li, shop, open="shut").content.decode()
    assert li.post(reverse("review_accompany", args=[shop.pk])).status_code == 422
    assert wang.post(reverse("review_accompany", args=[shop.pk])).status_code == 302
    assert whole(li, shop, open="shut").status_code == 302
    shop.refresh_from_db()
    assert (shop.state, shop.done_on, shop.ended_at) == (State.DONE, TODAY, NOW)
    assert list(shop.moves.values_list("act", flat=True)) == [Act.BEGIN, Act.ACCOMPANY, Act.FINISH]
    assert list(Fact.objects.values_list("kind", "value")) == [
        ("review_done", {"review": shop.pk, "type": "regular", "form": "shop", "version": 1, "onsite": True}),
        ("rating_willingness", {"review": shop.pk, "rating": 4}),
        ("found_business_stopped", {"review": shop.pk, "level": "red"}),
    ]
    assert whole(li, shop).status_code == 422, "what is finished stays"
    assert "Business stopped" in li.get(f"/reviews/{shop.pk}/").content.decode()
    writing.write(NOW + dt.timedelta(minutes=1))
    facts = [row for batch in lake.read(settings.HOME, "findings", ["subject_id", "kind"]) for row in batch.to_pylist()]
    assert {(row["subject_id"], row["kind"]) for row in facts} == {
        ("C1", "review_done"), ("C1", "rating_willingness"), ("C1", "found_business_stopped"),
    }  # fmt: skip
    assert not Fact.objects.filter(told_at=None).exists()


def test_a_question_appears_by_the_last_visit_and_its_answer(shop: Review, staff: dict[str, User]) -> None:
    li = browser(staff["li"])
    begin(li, shop)
    Sheet.objects.update(previous={"turnover": 18_200_000})
    fell = send(li, shop, turnover="121,500")
    lines = {line.question.id: line for part in fell.context["parts"] for line in part.lines}
    assert (lines["turnover"].last, round(lines["turnover"].change or 0, 3)) == ("182,000", -0.332)
    assert lines["why"].shown
    again = send(li, shop, turnover="180,000").context["parts"]
    assert "why" not in {line.question.id for part in again for line in part.lines}
    assert "why" in {line.question.id for part in again for line in part.every}, (
        "it lies on the page for who has no network"
    )


def test_of_two_at_one_form_the_second_is_told(shop: Review, staff: dict[str, User]) -> None:
    li = browser(staff["li"])
    begin(li, shop)
    assert send(li, shop, open="open").status_code == 200
    late = send(li, shop, revision=1, open="shut")
    assert late.status_code == 409
    assert Sheet.objects.get().answers == {"open": "open"}
    assert send(browser(staff["wang"]), shop, open="shut").status_code == 422
    assert send(browser(staff["zheng"]), shop, open="shut").status_code == 403


def test_what_cannot_be_read_stays_as_typed_and_is_told(shop: Review, staff: dict[str, User]) -> None:
    li = browser(staff["li"])
    begin(li, shop)
    answer = send(li, shop, turnover="about 5")
    (line,) = [line for part in answer.context["parts"] for line in part.lines if line.question.id == "turnover"]
    assert (line.value, bool(line.problem)) == ("about 5", True)


def test_a_version_that_was_changed_is_found_out_and_a_new_one_leaves_it_alone(
    shop: Review, staff: dict[str, User]
) -> None:
    li = browser(staff["li"])
    begin(li, shop)
    path = settings.HOME.path / "forms" / "shop.yaml"
    later = (
        FORM.replace("versions:\n", "")
        .replace("form: shop\n", "")
        .replace("number: 1", "number: 2")
        .replace("2026-01-01", "2026-03-06")
    )
    path.write_text(FORM + later.replace("Is it open?", "Is the shop open?"), "utf-8")
    assert sheets.form_of(Sheet.objects.get()).number == 1
    assert sheets.form_on("shop", TODAY).number == 1
    assert sheets.form_on("shop", TODAY + dt.timedelta(days=1)).number == 2
    assert "Is it open?" in li.get(f"/reviews/{shop.pk}/form/").content.decode()
    path.write_text(FORM.replace("Is it open?", "Open?"), "utf-8")
    with pytest.raises(DaihouError, match="was changed after this review began"):
        sheets.form_of(Sheet.objects.get())


@pytest.mark.parametrize(
    ("content", "name"), [(b"MZ\x90\x00" + bytes(99), "front.png"), (b"%PDF-1.7 \n", "front.pdf"), (b"", "front.png")]
)  # fmt: skip
def test_a_piece_that_is_no_picture_is_refused(shop: Review, staff: dict[str, User], content: bytes, name: str) -> None:
    li = browser(staff["li"])
    begin(li, shop)
    assert attach(li, shop, content, name).status_code == 422
    assert not Piece.objects.exists()


def test_a_picture_of_200_mb_is_refused_before_it_is_read(shop: Review, staff: dict[str, User]) -> None:
    li = browser(staff["li"])
    begin(li, shop)
    refused = li.generic(
        "POST",
        reverse("review_attach", args=[shop.pk]),
        b"x",
        "multipart/form-data; boundary=x",
        CONTENT_LENGTH=str(200 << 20),
    )
    assert refused.status_code == 422
    assert "MB" in refused.content.decode()


def test_a_piece_is_given_out_as_it_was_and_logged(shop: Review, staff: dict[str, User]) -> None:
    li = browser(staff["li"])
    begin(li, shop)
    attach(li, shop)
    piece = Piece.objects.get()
    answer = browser(staff["zheng"]).get(reverse("review_piece", args=[shop.pk, piece.pk]))
    assert b"".join(answer.streaming_content) == PNG  # type: ignore[attr-defined]
    assert Entry.objects.filter(action="review.piece", subject_id=shop.number).count() == 1
    assert browser(staff["far"]).get(reverse("review_piece", args=[shop.pk, piece.pk])).status_code == 404
    with open(piece.content.path, "ab") as file:  # noqa: PTH123 - a disk that decays
        file.write(b"x")
    assert li.get(reverse("review_piece", args=[shop.pk, piece.pk])).status_code == 410


def test_a_form_that_is_nowhere_is_told(home: None, tmp_path: Path) -> None:
    with pytest.raises(DaihouError, match="There is no form nowhere"):
        sheets.form_on("nowhere", TODAY)
    assert sheets.form_on("regular", TODAY).id == "regular"
    assert sheets.title("nowhere") == "nowhere"


def stored(client: Client, review: Review) -> Any:
    """Finish with what stands on the server, as somebody who changes nothing."""
    return client.post(reverse("review_finish", args=[review.pk]), {"sheet": Sheet.objects.get().revision, "asked": []})


def test_who_confirmed_to_have_been_there_does_not_finish_it_alone(shop: Review, staff: dict[str, User]) -> None:
    li, wang = browser(staff["li"]), browser(staff["wang"])
    begin(li, shop)
    attach(li, shop)
    send(li, shop, open="open", turnover="182,000", willing="4")
    wang.post(reverse("review_accompany", args=[shop.pk]))
    Review.objects.filter(pk=shop.pk).update(owner=staff["wang"], revision=9)  # as a manager assigns it
    for answer in (stored(wang, shop), whole(wang, shop)):
        assert answer.status_code == 422
        assert "Two must have been there" in answer.content.decode()
    sheet = Sheet.objects.get()
    assert (sheet.companion, sheet.companion_at, sheet.saved_by) == (None, None, staff["wang"])
    alone = shop.moves.get(act=Act.ALONE)
    assert alone.detail == {"companion_before": staff["wang"].username}
    assert Entry.objects.filter(action="review.alone").count() == 1
    assert wang.post(reverse("review_accompany", args=[shop.pk])).status_code == 422
    assert li.post(reverse("review_accompany", args=[shop.pk])).status_code == 302
    assert whole(wang, shop).status_code == 302


def test_who_confirmed_counts_only_beside_who_fills_it_in(shop: Review, staff: dict[str, User]) -> None:
    li, wang = browser(staff["li"]), browser(staff["wang"])
    begin(li, shop)
    attach(li, shop)
    send(li, shop, open="open", turnover="182,000", willing="4")
    wang.post(reverse("review_accompany", args=[shop.pk]))
    sheet = Sheet.objects.select_related("review", "companion").get()
    assert guards.second(sheet) == staff["wang"]
    assert guards.second(sheet, staff["wang"]) is None, "not where they finish it, whoever they stand in for"
    sheet.review.owner = staff["wang"]
    assert guards.second(sheet) is None
    Sheet.objects.update(saved_by=staff["wang"])  # as it was before who confirmed and saved was taken out
    told = stored(li, shop)
    assert told.status_code == 422
    assert "confirmed as the second person and does this review now" in told.content.decode()


@pytest.mark.parametrize("typed", ["1e1000000", "-1e999999", "1e-1000000"])
def test_a_number_beyond_all_numbers_is_told_as_wrong(shop: Review, staff: dict[str, User], typed: str) -> None:
    li = browser(staff["li"])
    begin(li, shop)
    assert send(li, shop, turnover=typed).status_code == 200
    kept = Sheet.objects.get().answers.get("turnover")
    assert kept in {typed, 0}
