"""What a device kept without a network comes in once, as its own user, with its clock noted; and a form that changed half-way goes on."""

from __future__ import annotations

import datetime as dt
import json
import uuid
from io import BytesIO
from typing import TYPE_CHECKING, Any

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from daihou.desk.audit.models import Entry
from daihou.desk.reviews import doing
from daihou.desk.reviews.choices import Act
from daihou.desk.reviews.models import Piece, Review, ReviewMove, Sheet
from daihou.desk.reviews.views.sheet import WORKER
from desk.alerts.hands import browser
from desk.files_made import HEIC, mp4, noise, picture, sound
from desk.reviews.test_pages import NOW, home, made, staff
from desk.reviews.test_sheets import FORM, begin, send, shop, whole

if TYPE_CHECKING:
    from daihou.desk.people.models import User

__all__ = ["home", "shop", "staff"]
PNG = picture()
UID = str(uuid.UUID(int=7, version=4))
MORE = """
          - {id: where, kind: place, en: Location, zh: 位置}
          - {id: talk, kind: files, en: Recordings, zh: 录音, evidence: {least: 0, kinds: [audio, pdf]}}
"""
DAY = dt.timedelta(days=1)


@pytest.fixture
def visit(shop: Review, staff: dict[str, User]) -> Review:
    """A review that Li has begun, by a form that asks for the place and takes recordings too."""
    (settings.HOME.path / "forms" / "shop.yaml").write_text(FORM + MORE.lstrip("\n"), "utf-8")
    begin(browser(staff["li"]), shop)
    return shop


def sent(client: Client, review: Review, content: bytes = PNG, name: str = "front.png", **more: str) -> Any:
    file = BytesIO(content)
    file.name = name
    stated = {"question": "front", "shows": "front", "uid": UID, "device_now": NOW.isoformat()}
    return client.post(
        reverse("review_attach", args=[review.pk]),
        {**stated, **more, "file": file},
        headers={"Accept": "application/json"},
    )


def reason(answer: Any) -> str:
    assert answer.status_code == 422
    return str(answer.json()["reason"])


def test_a_piece_that_is_sent_twice_is_kept_once(visit: Review, staff: dict[str, User]) -> None:
    li = browser(staff["li"])
    for _ in range(2):
        answer = sent(li, visit)
        assert answer.status_code == 200
        assert "front.png" in answer.json()["pieces"]
    assert sent(li, visit, uid=str(uuid.uuid4())).status_code == 200, "the same picture by another id is one"
    assert sent(li, visit, uid="none").status_code == 200, "and so it is with none"
    assert Piece.objects.get().uid == UID


def test_another_piece_under_the_same_id_is_told_and_neither_is_lost(visit: Review, staff: dict[str, User]) -> None:
    li = browser(staff["li"])
    sent(li, visit)
    assert "under this id" in reason(sent(li, visit, picture(colour="#112233")))
    assert "under this id" in reason(sent(li, visit, sound(), question="talk"))
    assert Piece.objects.count() == 1


def test_an_id_is_one_of_its_sheet_alone(visit: Review, staff: dict[str, User]) -> None:
    li, other = browser(staff["li"]), made("C2", form="shop", owner=staff["li"])
    begin(li, other)
    sent(li, visit)
    assert sent(li, other, picture(colour="#112233")).status_code == 200
    assert [piece.sheet.review for piece in Piece.objects.filter(uid=UID)] == [visit, other]


@pytest.mark.parametrize(
    ("content", "name", "why"),
    [
        (b"%PDF-1.7 \n", "front.pdf", "proves nothing here"),
        (sound(), "front.wav", "proves nothing here"),
        (b"MZ\x90\x00" + bytes(99), "front.jpg", "not taken"),
        (noise()[:-900], "front.jpg", "damaged or cut off"),
        (HEIC, "front.heic", "Set the camera to JPEG"),
        (b"", "front.jpg", "empty"),
    ],
    ids=["a document", "a recording", "a program renamed", "a picture cut off", "a picture in HEIC", "nothing"],
)
def test_a_piece_that_is_refused_is_told_to_the_queue(
    visit: Review, staff: dict[str, User], content: bytes, name: str, why: str
) -> None:
    li = browser(staff["li"])
    assert why in reason(sent(li, visit, content, name))
    assert not Piece.objects.exists()
    assert sent(li, visit).status_code == 200, "it holds up nothing else"


def test_200_mb_that_are_announced_are_refused_before_they_are_read(visit: Review, staff: dict[str, User]) -> None:
    answer = browser(staff["li"]).generic(
        "POST", reverse("review_attach", args=[visit.pk]), b"x", "multipart/form-data; boundary=x",
        CONTENT_LENGTH=str(200 << 20), headers={"Accept": "application/json"},
    )  # fmt: skip
    assert "larger than 20 MB" in reason(answer)


def test_a_recording_is_taken_where_it_is_asked_for_played_and_given_in_parts(
    visit: Review, staff: dict[str, User]
) -> None:
    li, zheng = browser(staff["li"]), browser(staff["zheng"])
    assert "<audio controls" in sent(li, visit, sound(), "谈话.wav", question="talk", shows="").json()["pieces"]
    assert sent(li, visit, mp4(b"soun"), "a.m4a", question="talk", uid="").status_code == 200
    assert "not taken" in reason(sent(li, visit, mp4(b"soun", b"vide"), "film.mp4", question="talk", uid=""))
    row = Piece.objects.get(uid=UID)
    assert (row.kind, row.mime, row.shows) == ("audio", "audio/wav", "")
    address = reverse("review_piece", args=[visit.pk, row.pk])
    whole_one = zheng.get(address)
    assert (whole_one["Accept-Ranges"], b"".join(whole_one.streaming_content)) == ("bytes", sound())  # type: ignore[attr-defined]
    first = zheng.get(address, headers={"Range": "bytes=0-9"})
    assert (first.status_code, first.content, first["Content-Range"]) == (206, sound()[:10], f"bytes 0-9/{row.size}")
    rest = zheng.get(address, headers={"Range": "bytes=10-", "Accept-Encoding": "gzip"})
    assert (rest.content, rest["Content-Encoding"]) == (sound()[10:], "identity")
    assert Entry.objects.filter(action="review.piece").count() == 2, "who listens on has begun before"
    assert "media-src 'self'" in li.get(f"/reviews/{visit.pk}/form/")["Content-Security-Policy"]


def test_a_device_clock_a_day_off_is_told_and_decides_nothing(visit: Review, staff: dict[str, User]) -> None:
    li = browser(staff["li"])
    taken = NOW + DAY - dt.timedelta(hours=1)
    sent(li, visit, device_now=(NOW + DAY).isoformat(), taken_at=taken.isoformat())
    piece = Piece.objects.get()
    assert (piece.at, piece.taken_at, piece.clock_off_s) == (NOW, taken, 86_400)
    assert piece.taken == NOW - dt.timedelta(hours=1), "put right"
    fields = {"sheet": 1, "asked": ["open"], "a.open": "open"}
    save = reverse("review_save", args=[visit.pk])
    ahead = li.post(save, {**fields, "device_now": (NOW + DAY).isoformat()})
    assert "1 day ahead" in ahead.content.decode()
    sheet = Sheet.objects.get()
    assert (sheet.saved_at, sheet.clock_off_s) == (NOW, 86_400)
    for page in (f"/reviews/{visit.pk}/", f"/reviews/{visit.pk}/form/"):
        assert "1 day ahead" in browser(staff["wang"]).get(page).content.decode()
    behind = {"sheet": 2, "asked": ["open"], "a.open": "shut", "device_now": (NOW - dt.timedelta(minutes=45)).isoformat()}  # fmt: skip
    assert "45 minutes behind" in li.post(save, behind).content.decode()


@pytest.mark.parametrize(
    ("stated", "off"),
    [
        ((NOW + dt.timedelta(seconds=599)).isoformat(), 599),
        ("2026-03-05T02:00:00.000Z", 0),
        ("", None),
        ("yesterday", None),
        ("2026-03-05T02:00:00", None),
        ("9999-12-31T23:59:59Z", None),
        ("2026-02-31T02:00:00Z", None),
    ],
)
def test_a_clock_that_is_right_or_says_nothing_is_not_told(
    visit: Review, staff: dict[str, User], stated: str, off: int | None
) -> None:
    fields = {"sheet": 1, "asked": ["open"], "a.open": "open", "device_now": stated}
    answer = browser(staff["li"]).post(reverse("review_save", args=[visit.pk]), fields)
    assert Sheet.objects.get().clock_off_s == off
    assert answer.context["clock"] == ""


def test_a_clock_is_noted_at_a_save_that_changes_nothing(visit: Review, staff: dict[str, User]) -> None:
    fields = {"sheet": 1, "asked": [], "device_now": (NOW + DAY).isoformat()}
    browser(staff["li"]).post(reverse("review_save", args=[visit.pk]), fields)
    sheet = Sheet.objects.get()
    assert (sheet.clock_off_s, sheet.revision) == (86_400, 1)


def test_a_save_whose_answer_was_lost_goes_on_and_one_of_somebody_else_does_not(
    visit: Review, staff: dict[str, User]
) -> None:
    li, save = browser(staff["li"]), reverse("review_save", args=[visit.pk])
    first, second = (str(uuid.uuid4()) for _ in range(2))

    def say(answer: str, uid: str) -> int:
        return int(li.post(save, {"sheet": 1, "asked": ["open"], "a.open": answer, "save": uid}).status_code)

    assert say("open", first) == 200  # the phone did not hear of it
    assert say("shut", first) == 200
    assert say("open", second) == 409, "somebody saved in between, if on the same phone"
    assert say("open", "") == 409
    assert say("open", "no id") == 409
    assert Sheet.objects.get().answers == {"open": "shut"}
    Sheet.objects.update(saved_uid="")
    assert say("open", first) == 409


def test_what_another_user_left_on_the_device_is_not_sent_as_this_one(visit: Review, staff: dict[str, User]) -> None:
    li, other = browser(staff["li"]), str(staff["wang"].pk)
    assert sent(li, visit, user=other).status_code == 403
    stated = {"sheet": 1, "asked": ["open"], "a.open": "open", "user": other}
    for name in ("save", "finish"):
        assert li.post(reverse(f"review_{name}", args=[visit.pk]), stated).status_code == 403
    assert not Piece.objects.exists()
    assert Sheet.objects.get().answers == {}
    stated["user"] = str(staff["li"].pk)
    assert li.post(reverse("review_save", args=[visit.pk]), stated).status_code == 200


def test_a_place_is_kept_as_numbers_and_may_be_left_out(visit: Review, staff: dict[str, User]) -> None:
    li = browser(staff["li"])
    told = json.dumps({"latitude": 29.0900412345, "longitude": 119.6533, "accuracy_m": 12.4, "more": "x"})
    assert "29.090041, 119.653300, accurate to 12 m" in send(li, visit, where=told).content.decode()
    assert Sheet.objects.get().answers == {"where": {"latitude": 29.090041, "longitude": 119.6533, "accuracy_m": 12.4}}
    send(li, visit, where="")
    assert Sheet.objects.get().answers == {}
    assert "geolocation=(self)" in li.get(f"/reviews/{visit.pk}/form/")["Permissions-Policy"]


@pytest.mark.parametrize(
    "stated",
    [
        "home", "[1]", "{}", '{"latitude": 91, "longitude": 0, "accuracy_m": 1}', '{"latitude": NaN, "longitude": 0, "accuracy_m": 1}',
        '{"latitude": 1, "longitude": 2, "accuracy_m": -1}', '{"latitude": 1e999, "longitude": 2, "accuracy_m": 1}', "[" * 5_000,
    ],
)  # fmt: skip
def test_what_is_no_place_is_left_out(visit: Review, staff: dict[str, User], stated: str) -> None:
    assert send(browser(staff["li"]), visit, where=stated).status_code == 200
    assert Sheet.objects.get().answers == {}


def test_the_page_holds_what_it_needs_without_a_network_and_no_points(visit: Review, staff: dict[str, User]) -> None:
    page = browser(staff["li"]).get(f"/reviews/{visit.pk}/form/")
    walked = page.context["walked"]
    assert [one["id"] for one in walked["questions"]] == ["open", "turnover", "why", "willing", "front", "where", "talk"]  # fmt: skip
    assert walked["questions"][0]["choices"] == [["open", False], ["shut", False]]
    assert "points" not in json.dumps(walked)
    text = page.content.decode()
    assert f'data-shown="server" data-keep data-user="{staff["li"].pk}"' in text, "the worker looks for it"
    assert "data-keep" not in browser(staff["zheng"]).get(f"/reviews/{visit.pk}/form/").content.decode()


def test_the_worker_is_a_script_of_the_newest_kind_below_its_own_address(staff: dict[str, User]) -> None:
    answer = browser(staff["li"]).get("/reviews/worker.js")
    assert answer["Content-Type"].startswith("text/javascript")
    assert answer["Cache-Control"] == "no-cache"
    assert "Service-Worker-Allowed" not in answer
    assert "worker-src 'self'" in answer["Content-Security-Policy"]
    assert Client().get("/reviews/worker.js").status_code == 302


def test_a_script_that_finishes_is_told_where_to_go(visit: Review, staff: dict[str, User]) -> None:
    li, scripted = browser(staff["li"]), {"Accept": "application/json"}
    finish = reverse("review_finish", args=[visit.pk])
    missing = li.post(finish, {"sheet": 1, "asked": []}, headers=scripted)
    assert missing.status_code == 422
    assert "<!doctype" not in missing.content.decode().lower(), "the form alone, to be put into the page"
    sent(li, visit)
    browser(staff["wang"]).post(reverse("review_accompany", args=[visit.pk]))
    assert whole(li, visit, revision=9).status_code == 409
    stated = {"sheet": 1, "asked": ["open", "turnover", "willing"], "a.open": "open", "a.turnover": "5", "a.willing": "4"}  # fmt: skip
    assert li.post(finish, stated, headers=scripted).json() == {"to": f"/reviews/{visit.pk}/"}


def second_version(changes: dict[str, str]) -> None:
    """Another version of the form, in force since today's 00:00."""
    later = (FORM + MORE.lstrip("\n")).replace("versions:\n", "").replace("form: shop\n", "")
    for old, new in {"number: 1": "number: 2", "2026-01-01": "2026-03-05", **changes}.items():
        later = later.replace(old, new)
    (settings.HOME.path / "forms" / "shop.yaml").write_text(FORM + MORE.lstrip("\n") + later, "utf-8")


def carry(client: Client, review: Review, revision: int, version: int = 2) -> Any:
    return client.post(reverse("review_carry", args=[review.pk]), {"sheet": revision, "version": version})


def test_a_form_that_changed_half_way_goes_on_with_what_still_says_the_same(
    visit: Review, staff: dict[str, User]
) -> None:
    li = browser(staff["li"])
    send(li, visit, open="shut", turnover="182,000", willing="4")
    assert "is in force now" not in li.get(f"/reviews/{visit.pk}/form/").content.decode()
    second_version({"code: shut": "code: closed", "Is it open?": "Is the shop open?"})
    page = li.get(f"/reviews/{visit.pk}/form/")
    assert page.context["again"] == [("Is it open?", "What was chosen is no choice any more.")]
    assert "Version 2 of this form is in force now" in page.content.decode()
    assert "is in force now" not in browser(staff["zheng"]).get(f"/reviews/{visit.pk}/form/").content.decode()
    assert carry(browser(staff["wang"]), visit, 2).status_code == 422, "it is Li's"
    assert carry(li, visit, 1).status_code == 409, "somebody saved since"
    assert carry(li, visit, 2, version=3).status_code == 409, "not the version that was looked at"
    assert carry(li, visit, 2).status_code == 302
    sheet = Sheet.objects.get()
    assert (sheet.version, sheet.revision, sheet.answers) == (2, 3, {"turnover": 18_200_000, "willing": 4})
    move = ReviewMove.objects.get(act=Act.CARRY)
    assert move.detail["answers"]["open"] == "shut"
    assert move.detail["version"] == [1, 2]
    logged = Entry.objects.get(action="review.carry").detail
    assert logged == {"form": "shop", "version": [1, 2], "again": {"open": "choice"}}, "no answer goes to the log"
    assert "version 1 → 2" in li.get(f"/reviews/{visit.pk}/").content.decode()
    assert "Is the shop open?" in li.get(f"/reviews/{visit.pk}/form/").content.decode()
    assert carry(li, visit, 3).status_code == 409, "there is nothing newer"
    assert send(li, visit, revision=2, open="open").status_code == 409


def test_a_finished_form_is_offered_no_newer_version(visit: Review, staff: dict[str, User]) -> None:
    li = browser(staff["li"])
    sent(li, visit)
    browser(staff["wang"]).post(reverse("review_accompany", args=[visit.pk]))
    assert whole(li, visit).status_code == 302
    second_version({"Is it open?": "Is the shop open?"})
    assert "is in force now" not in li.get(f"/reviews/{visit.pk}/form/").content.decode()
    assert doing.newer(Sheet.objects.get()) is None
    assert carry(li, visit, 3).status_code == 422


def test_the_page_says_which_device_saved_last(visit: Review, staff: dict[str, User]) -> None:
    li = browser(staff["li"])
    stated = {"sheet": 1, "asked": ["open"], "a.open": "open", "save": UID}
    li.post(reverse("review_save", args=[visit.pk]), stated)
    assert f'data-saved-uid="{UID}"' in li.get(f"/reviews/{visit.pk}/form/").content.decode()


def test_a_page_that_is_over_says_what_the_device_still_holds(visit: Review, staff: dict[str, User]) -> None:
    assert "data-left hidden" not in browser(staff["li"]).get(f"/reviews/{visit.pk}/form/").content.decode()
    assert "data-left hidden" in browser(staff["wang"]).get(f"/reviews/{visit.pk}/form/").content.decode()


def test_a_page_is_shown_from_the_device_no_longer_than_a_session_lasts() -> None:
    assert f"MOST_AGE_MS = {settings.SESSION_COOKIE_AGE // 3600} * 3600 * 1000" in WORKER.read_text("utf-8")


def test_who_leaves_takes_their_own_along_and_others_are_told(staff: dict[str, User]) -> None:
    page = browser(staff["li"]).get("/reviews/").content.decode()
    assert f'data-user="{staff["li"].pk}" data-sign-in="/accounts/login/" data-others=' in page
    assert 'data-user="" data-sign-in="/accounts/login/"' in Client().get("/accounts/login/").content.decode()
