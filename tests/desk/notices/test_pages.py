"""One's own notices, how one is told, the test button, and the administrator's outbox."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from django.db import connection
from django.test.utils import CaptureQueriesContext

from daihou.desk.audit.models import Entry
from daihou.desk.notices import dispatch, outbox, routing
from daihou.desk.notices.choices import State
from daihou.desk.notices.models import Delivery, Notice, Preference
from daihou.desk.people.roles import Role
from desk.conftest import user
from desk.notices.conftest import MORNING, post, told, work

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.test import Client

    from daihou.desk.people.models import User
    from desk.notices.conftest import Server

    Browser = Callable[[User], Client]


def text(page: Client, address: str) -> str:
    answered = page.get(address)
    assert answered.status_code == 200
    return answered.content.decode()


def preference(**more: Any) -> dict[str, Any]:
    """What the form of settings sends."""
    levels = {f"level_{level}": "digest" for level in ("red", "orange", "yellow", "blue")}
    return {**levels, "digest_at": "09:15", "quiet_from": "21:00", "quiet_to": "07:30", "by_mail": "on", **more}


def test_one_sees_ones_own_notices_and_nobody_elses(chen: User, administrator: User, browser: Browser) -> None:
    post(told(chen, "move:1"), told(administrator, "move:2"))
    said = text(browser(chen), "/notices/")
    assert "AL-2026-000001" in said
    assert "AL-2026-000002" not in said
    assert browser(chen).get(f"/notices/{Notice.objects.get(about='move:2').pk}/").status_code == 404


def test_it_says_where_each_was_sent_and_why_not(chen: User, server: Server, browser: Browser) -> None:
    post(told(chen, "move:1"))
    work(MORNING)
    server.says = "554 looks like spam"
    post(told(chen, "move:2"))
    work(MORNING)
    chen.email = ""
    chen.save()
    post(told(chen, "move:3"))
    work(MORNING)
    post(told(chen, "move:4"))
    said = text(browser(chen), "/notices/")
    for sentence in ("Sent", "The server refused the message.", "You have no mail address", "It is about to be sent."):
        assert sentence in said


def test_the_bell_counts_what_was_not_seen(chen: User, browser: Browser) -> None:
    page = browser(chen)
    assert "unread notices" not in text(page, "/me/")
    post(*(told(chen, f"move:{number}") for number in range(1, 4)))
    assert "<b>3</b>" in text(page, "/me/")
    first = Notice.objects.get(about="move:1")
    answered = page.get(f"/notices/{first.pk}/")
    assert (answered.status_code, answered["Location"]) == (302, "/alerts/123/")
    assert "<b>2</b>" in text(page, "/me/")
    outbox.withdraw(["alert:123"], MORNING)
    assert "unread notices" not in text(page, "/me/")


def test_all_are_marked_as_read_at_once(chen: User, browser: Browser) -> None:
    page = browser(chen)
    post(*(told(chen, f"move:{number}") for number in range(1, 4)))
    page.post("/notices/seen/")
    assert "Nothing is unread" in text(page, "/notices/?unread=1")


def test_more_than_a_page_leads_on(chen: User, browser: Browser) -> None:
    post(*(told(chen, f"move:{number}") for number in range(1, 61)))
    page = browser(chen)
    first = page.get("/notices/")
    assert len(first.context["rows"]) == 50
    assert len(page.get(f"/notices/?before={first.context['older']}").context["rows"]) == 10
    assert page.get("/notices/?before=x").status_code == 200


def test_the_pages_cost_as_many_queries_for_fifty_rows_as_for_one(
    chen: User, administrator: User, down: None, browser: Browser
) -> None:
    def costs(who: User, address: str) -> int:
        page = browser(who)
        page.get(address)
        with CaptureQueriesContext(connection) as found:
            page.get(address)
        return len(found)

    post(told(chen, "move:1"))
    work(MORNING)
    few = costs(chen, "/notices/"), costs(administrator, "/notices/outbox/")
    post(*(told(chen, f"move:{number}") for number in range(2, 60)))
    work(MORNING)
    assert (costs(chen, "/notices/"), costs(administrator, "/notices/outbox/")) == few


def test_who_chose_nothing_is_told_as_suits_the_role(chen: User, browser: Browser) -> None:
    form = browser(chen).get("/notices/settings/").context["form"]
    assert [field.value() for field in form.by_level] == ["at_once", "at_once", "digest", "digest"]
    manager = user("qian", (Role.MANAGER, ""), language="en")
    form = browser(manager).get("/notices/settings/").context["form"]
    assert [field.value() for field in form.by_level] == ["at_once", "digest", "digest", "digest"]


def test_what_one_chooses_holds_from_then_on_and_is_logged(chen: User, server: Server, browser: Browser) -> None:
    answered = browser(chen).post("/notices/settings/", preference(kind_mentioned="at_once"))
    assert answered.status_code == 302
    kept = Preference.objects.get(user=chen)
    assert (kept.levels["red"], kept.kinds, kept.digest_at) == ("digest", {"mentioned": "at_once"}, dt.time(9, 15))
    assert Entry.objects.get(action="notice.prefer").detail["quiet_to"] == "07:30:00"
    post(told(chen, "move:1", "red"), told(chen, "move:2", "blue", kind="mentioned"))
    work(MORNING)
    assert ["AL-2026-000002" in mail["Subject"] for mail in server.mails] == [True]


def test_half_of_quiet_hours_is_refused_and_keeps_what_was_typed(chen: User, browser: Browser) -> None:
    answered = browser(chen).post("/notices/settings/", preference(quiet_to=""))
    assert answered.status_code == 422
    assert "Give both the beginning and the end" in answered.content.decode()
    assert 'value="21:00"' in answered.content.decode()
    assert not Preference.objects.exists()


def test_the_test_button_sends_at_once_and_shows_the_answer(chen: User, server: Server, browser: Browser) -> None:
    said = browser(chen).post("/notices/test/", {"channel": "mail"}, follow=True).content.decode()
    assert "The test was taken over" in said
    assert server.mails[0]["To"] == "chen@bank.example"


def test_the_test_button_shows_the_error_and_what_to_do(chen: User, down: None, browser: Browser) -> None:
    said = browser(chen).post("/notices/test/", {"channel": "mail"}, follow=True).content.decode()
    assert "The server cannot be reached." in said
    assert "Connection refused" in said
    assert "Check host, port and firewall" in said


def test_without_an_address_the_button_is_off_and_says_why(chen: User, server: Server, browser: Browser) -> None:
    chen.email = ""
    chen.save()
    assert "You have no mail address. An administrator enters it." in text(browser(chen), "/notices/settings/")
    said = browser(chen).post("/notices/test/", {"channel": "mail"}, follow=True).content.decode()
    assert "There is no mail address to send to." in said


def test_the_test_button_is_no_way_to_send_much(chen: User, server: Server, browser: Browser) -> None:
    page = browser(chen)
    codes = [page.post("/notices/test/", {"channel": "mail"}).status_code for _ in range(21)]
    assert codes == [302] * 20 + [429]
    assert len(server.mails) == 20


def test_an_administrator_sees_how_notices_fare_and_not_what_they_say(
    chen: User, administrator: User, down: None, browser: Browser
) -> None:
    post(told(chen))
    work(MORNING)
    said = text(browser(administrator), "/notices/outbox/")
    assert "Chen" in said
    assert "The server cannot be reached." in said
    assert "AL-2026" not in said


def test_the_outbox_is_for_who_manages_the_whole_lender(db: None, chen: User, browser: Browser) -> None:
    part = user("part", (Role.ADMINISTRATOR, "B01"), language="en")
    assert browser(part).get("/notices/outbox/").status_code == 403
    assert browser(part).post("/notices/outbox/resend/", {"state": "unclear"}).status_code == 403
    assert browser(chen).get("/notices/outbox/").status_code == 403


def test_what_is_unclear_is_sent_again_by_a_persons_word(
    chen: User, administrator: User, server: Server, browser: Browser
) -> None:
    post(told(chen))
    routing.route(MORNING)
    dispatch.claim(MORNING)
    work(MORNING + dt.timedelta(minutes=11))
    stuck = Delivery.objects.get()
    page = browser(administrator)
    assert "Send again" in text(page, "/notices/outbox/")
    for _ in range(2):
        page.post("/notices/outbox/resend/", {"delivery": stuck.pk})
    assert Delivery.objects.get().state == State.WAITING
    work(Delivery.objects.get().due_at)
    assert len(server.mails) == 1
    assert Entry.objects.get(action="notice.resend").subject_id == str(stuck.pk)
    page.post("/notices/outbox/resend/", {"delivery": stuck.pk})
    assert Delivery.objects.get().state == State.SENT


def test_the_outbox_says_when_nobody_sends(chen: User, administrator: User, browser: Browser) -> None:
    page = browser(administrator)
    assert "is it running?" not in text(page, "/notices/outbox/")
    post(told(chen), at=MORNING)
    assert "is it running?" in text(page, "/notices/outbox/")
