"""What is sent, when, and never twice: with a real mail server, a real gateway, and the gate that is in force."""

from __future__ import annotations

import datetime as dt
import json
from typing import TYPE_CHECKING, Any

import pytest
from django.db import transaction

from daihou.desk.audit.models import Entry
from daihou.desk.contacts import facts, points, posting, sending
from daihou.desk.contacts.choices import Outcome, State
from daihou.desk.contacts.errors import RefusedError, UnfitError
from daihou.desk.contacts.models import Circumstance, Contact, Refusal
from daihou.desk.contacts.troubles import Trouble
from daihou.desk.vault.erasure import erase
from daihou.vault.person import PersonRecord
from desk.contacts import posts
from desk.contacts.posts import (
    ARREARS,
    DIALLED,
    EMAIL,
    HOUR,
    LI,
    MINUTE,
    MORNING,
    PHONE,
    hear,
    only,
    told,
    wanted,
    work,
)

if TYPE_CHECKING:
    from daihou.desk.contacts.gateway.behaviour import Book
    from daihou.desk.contacts.models import Point
    from desk.notices.conftest import Server as MailServer

_english, _alone, gate, mails, li = posts._english, posts._alone, posts.gate, posts.mails, posts.li
EVENING = MORNING.replace(hour=21, minute=59)
NIGHT = MORNING.replace(hour=22)
NEXT_EIGHT = (MORNING + 24 * HOUR).replace(hour=8)


def standing() -> tuple[str, str, str]:
    """State, trouble and outcome of the message there is."""
    contact = only()
    return contact.state, contact.trouble, contact.outcome


def circumstance(kind: str, **more: Any) -> None:
    """Something that holds of Li Na from the morning on."""
    given = {"person_id": LI, "kind": kind, "from_at": MORNING, "ground": "said so", "entered_at": MORNING}
    Circumstance.objects.create(**given | more)


def test_a_text_message_reaches_the_gateway_with_what_it_says_and_a_way_out(li: dict[str, Point], gate: Book) -> None:
    told(li)
    work(MORNING)
    (given,) = gate.given
    assert given["to"] == DIALLED
    assert given["text"] == (
        "Your lender: as of 16 March 2026 your loan is 12 days past due, with CNY 18,440.72 to pay. Please pay, or speak to us if you cannot. "
        "If you have paid already, nothing is to be done. Reply STOP to get no more text messages."
    )
    assert given["id"] == str(only().number)
    assert standing() == (State.SENT, "", Outcome.SENT)
    assert (only().at, only().tries) == (MORNING, 1)


def test_a_mail_reaches_the_server_in_the_language_of_its_reader(li: dict[str, Point], mails: MailServer) -> None:
    told(li, channel="email", language="zh-CN")
    work(MORNING)
    (mail,) = mails.mails
    assert (mail["To"], mail["From"], mail["Subject"]) == (EMAIL, "daihou@bank.example", "逾期还款通知")
    assert mail["Message-ID"].startswith(f"<{only().number}@")
    body = mail.get_content()
    assert "截至 2026年3月16日，您的贷款已逾期 12 天，应还 18,440.72元" in body
    assert body.rstrip().endswith("请直接回复本邮件并写明“退订”。")
    assert standing() == (State.SENT, "", Outcome.SENT)


def test_nothing_of_the_person_stands_in_rows_or_in_the_log(
    li: dict[str, Point], gate: Book, mails: MailServer
) -> None:
    mails.says_to_recipient = f"550 5.1.1 <{EMAIL}>: no such user, call 021-5555 0100"
    told(li)
    told(li, "k2", "email")
    work(MORNING)
    rows = list(Contact.objects.values()) + list(Entry.objects.values()) + list(Refusal.objects.values())
    said = json.dumps(rows, default=str, ensure_ascii=False)
    assert "no such user" in said
    for personal in (PHONE, DIALLED, EMAIL, "李娜", "5555 0100"):
        assert personal not in said
    entries = Entry.objects.filter(action="contact.send").order_by("id")
    assert [(entry.actor, entry.detail) for entry in entries] == [
        ("system", {"channel": "sms", "template": "arrears", "state": "sent", "tries": 1}),
        ("system", {"channel": "email", "template": "arrears", "state": "given_up", "tries": 1, "trouble": "address"}),
    ]


def test_what_is_due_in_the_forbidden_hours_waits_until_eight_where_the_person_is(
    li: dict[str, Point], gate: Book
) -> None:
    told(li, now=EVENING)
    work(NIGHT)
    assert not gate.given
    assert standing() == (State.WAITING, "", Outcome.PENDING)
    assert (only().due_at, only().at, only().tries) == (NEXT_EIGHT, NEXT_EIGHT, 0)
    assert Refusal.objects.get().until == NEXT_EIGHT
    work(NEXT_EIGHT - MINUTE)
    assert not gate.given
    work(NEXT_EIGHT)
    assert len(gate.given) == 1
    assert only().at == NEXT_EIGHT


def test_what_is_posted_at_night_is_due_at_eight_by_itself(li: dict[str, Point], gate: Book) -> None:
    told(li, now=NIGHT)
    assert only().due_at == NEXT_EIGHT


def test_what_would_be_lawful_only_after_it_expires_is_dropped(li: dict[str, Point], gate: Book) -> None:
    told(li, now=EVENING, expires_at=NIGHT + HOUR)
    work(NIGHT)
    assert standing() == (State.DROPPED, Trouble.UNLAWFUL, Outcome.NOT_MADE)
    entry = Entry.objects.get(action="contact.drop")
    assert entry.detail == {
        "channel": "sms",
        "template": "arrears",
        "state": "dropped",
        "tries": 1,
        "trouble": "unlawful",
    }
    work(NEXT_EIGHT)
    assert not gate.given


def test_an_opt_out_that_comes_while_it_waits_is_heeded(li: dict[str, Point], gate: Book) -> None:
    told(li, at=MORNING + HOUR)
    circumstance("opt_out", channel="sms")
    work(MORNING + HOUR)
    assert standing() == (State.DROPPED, Trouble.UNLAWFUL, Outcome.NOT_MADE)
    assert not gate.given


def test_an_opt_out_of_one_channel_leaves_the_other(li: dict[str, Point], gate: Book, mails: MailServer) -> None:
    circumstance("opt_out", channel="sms")
    told(li, channel="email")
    work(MORNING)
    assert len(mails.mails) == 1
    with pytest.raises(RefusedError):
        told(li, "k2")


def test_what_expired_while_no_sender_ran_is_dropped(li: dict[str, Point], gate: Book) -> None:
    told(li)
    work(MORNING + 49 * HOUR)
    assert standing() == (State.DROPPED, Trouble.EXPIRED, Outcome.NOT_MADE)
    assert not gate.given


def test_figures_are_those_of_the_moment_in_which_it_is_sent(li: dict[str, Point], gate: Book) -> None:
    facts.register("arrears", lambda _, now: {"amount": 500_000, "as_of": now.date().isoformat()})
    told(li)
    work(MORNING)
    assert "as of 17 March 2026 your loan is 12 days past due, with CNY 5,000.00 to pay" in gate.given[0]["text"]


def test_what_is_no_longer_so_is_not_said(li: dict[str, Point], gate: Book) -> None:
    told(li)
    facts.register("arrears", lambda *_: None)
    work(MORNING)
    assert standing() == (State.DROPPED, Trouble.UNTRUE, Outcome.NOT_MADE)
    assert not gate.given


def test_two_who_know_the_same_facts_are_one_too_many() -> None:
    def one(_contact: Contact, _now: dt.datetime) -> None:
        """Know nothing."""

    def other(_contact: Contact, _now: dt.datetime) -> None:
        """Know nothing either."""

    facts.register("of_a_test", one)
    facts.register("of_a_test", one)
    with pytest.raises(ValueError, match="known already"):
        facts.register("of_a_test", other)


def test_a_message_whose_facts_cannot_be_read_holds_back_no_other(li: dict[str, Point], gate: Book) -> None:
    def broken(_contact: Contact, _now: dt.datetime) -> None:
        raise RuntimeError

    facts.register("arrears", broken)
    told(li)
    told(li, "k2", code="pre_due", values={"currency": "CNY", "amount": 100, "due_on": "2026-03-20"})
    work(MORNING)
    assert len(gate.given) == 1
    first = Contact.objects.order_by("pk")[0]
    assert (first.state, first.due_at, first.tries) == (State.WAITING, MORNING + 5 * MINUTE, 0)


def test_a_message_of_which_the_gate_can_say_nothing_holds_back_no_other(li: dict[str, Point], gate: Book) -> None:
    told(li, "k1")
    told(posts.put("C-2", PersonRecord(name="王强", phones=("13900139000",))), "k2")
    circumstance("opt_out", channel="sms", until_at=dt.datetime(9999, 12, 31, 15, 59, tzinfo=dt.UTC))
    work(MORNING)
    assert [one["to"] for one in gate.given] == ["+8613900139000"]
    assert Contact.objects.get(key="k1").state == State.WAITING


def test_a_number_that_turned_out_to_reach_nobody_is_not_written_to(li: dict[str, Point], gate: Book) -> None:
    told(li)
    points.mark(li["sms"], "invalid", MORNING, None)
    work(MORNING)
    assert standing() == (State.GIVEN_UP, Trouble.NO_ADDRESS, Outcome.NOT_MADE)
    assert not gate.given


def test_a_text_that_was_taken_out_of_the_file_is_not_sent(li: dict[str, Point], gate: Book) -> None:
    told(li)
    Contact.objects.update(template="gone")
    work(MORNING)
    assert standing() == (State.DROPPED, Trouble.TEMPLATE, Outcome.NOT_MADE)


def test_a_limited_contact_is_never_told_of_the_debt(li: dict[str, Point], gate: Book) -> None:
    told(li)
    Contact.objects.update(limited=True)
    work(MORNING)
    assert standing() == (State.DROPPED, Trouble.CONTENT, Outcome.NOT_MADE)
    assert not gate.given


@pytest.mark.parametrize(
    ("code", "values", "why"),
    [
        ("arrears", {"currency": "CNY", "amount": 1}, "as_of is not known|days is not known"),
        ("arrears", ARREARS | {"amount": 10.5}, "amount cannot be written"),
        ("arrears", ARREARS | {"currency": "XXY"}, "amount cannot be written"),
        ("arrears", ARREARS | {"as_of": "yesterday"}, "as_of cannot be written"),
        ("nothing", ARREARS, "There is no such message"),
        ("call_back", {}, "phone is not known"),
    ],
)
def test_what_cannot_be_written_is_not_posted(
    li: dict[str, Point], gate: Book, code: str, values: dict[str, Any], why: str
) -> None:
    with pytest.raises(UnfitError, match=why):
        told(li, code=code, values=values)
    assert not Contact.objects.exists()


def test_a_channel_that_is_not_set_up_takes_nothing(li: dict[str, Point]) -> None:
    with pytest.raises(UnfitError, match="not set up"):
        told(li)


def test_parts_of_a_plan_are_told_one_by_one(li: dict[str, Point], gate: Book) -> None:
    values = {"currency": "CNY", "amount": 300_000, "parts": [["2026-03-20", 100_000], ["2026-04-20", 200_000]]}
    told(li, code="plan_agreed", values=values)
    work(MORNING)
    assert "CNY 1,000.00 on 20 March 2026, CNY 2,000.00 on 20 April 2026, CNY 3,000.00 in all" in gate.given[0]["text"]


def test_posted_twice_it_is_sent_once(li: dict[str, Point], gate: Book) -> None:
    assert told(li).pk == told(li).pk
    work(MORNING)
    told(li)
    work(MORNING + MINUTE)
    assert len(gate.given) == 1


def test_what_is_undone_was_never_posted(li: dict[str, Point], gate: Book) -> None:
    with transaction.atomic():
        told(li)
        transaction.set_rollback(True)
    work(MORNING)
    assert not gate.given


def test_two_senders_never_take_up_the_same_message(li: dict[str, Point], gate: Book) -> None:
    told(li)
    told(li, "k2", values=ARREARS | {"days": 13})
    first, second = sending.claim(MORNING), sending.claim(MORNING)
    assert first is not None
    assert second is not None
    assert sending.claim(MORNING) is None
    assert first.contact != second.contact
    for claimed in (second, first):
        sending.hand_over(claimed, MORNING)
    assert len({given["id"] for given in gate.given}) == len(gate.given) == 2


def test_what_a_sender_that_died_had_in_hand_is_unclear_and_not_sent_again(li: dict[str, Point], gate: Book) -> None:
    told(li, expires_at=MORNING + 72 * HOUR)
    assert sending.claim(MORNING) is not None
    work(MORNING + 9 * MINUTE)
    assert only().state == State.SENDING
    work(MORNING + 11 * MINUTE)
    assert standing() == (State.UNCLEAR, Trouble.CRASHED, Outcome.PENDING)
    assert Entry.objects.get(action="contact.send").detail["state"] == "unclear"
    work(MORNING + 60 * HOUR)
    assert not gate.given


def test_a_sender_that_was_only_slow_still_says_that_it_sent(li: dict[str, Point], gate: Book) -> None:
    told(li)
    claimed = sending.claim(MORNING)
    assert claimed is not None
    sending.expire(MORNING + 11 * MINUTE)
    sending.hand_over(claimed, MORNING + 12 * MINUTE)
    assert standing() == (State.SENT, "", Outcome.SENT)


def test_what_is_unclear_counts_as_the_worst_that_it_may_be(li: dict[str, Point], gate: Book) -> None:
    told(li)
    sending.claim(MORNING)
    sending.expire(MORNING + 11 * MINUTE)
    assert only().outcome == Outcome.PENDING
    assert only().at == MORNING


def test_a_receipt_that_comes_sooner_than_the_senders_own_mark_stays(li: dict[str, Point], gate: Book) -> None:
    told(li)
    claimed = sending.claim(MORNING)
    assert claimed is not None
    assert claimed.contact.number is not None
    gate.take(str(claimed.contact.number), DIALLED, claimed.message.text)
    assert hear() == 1
    assert standing() == (State.DELIVERED, "", Outcome.DELIVERED)
    sending.hand_over(claimed, MORNING)  # it has ended: its permit uncovers nothing any more
    sending._settle(claimed.contact, State.SENT, MORNING)  # the mark that comes late
    assert standing() == (State.DELIVERED, "", Outcome.DELIVERED)
    assert len(gate.given) == 1


def test_somebody_erased_meanwhile_is_not_written_to(li: dict[str, Point], gate: Book) -> None:
    told(li)
    erase(LI, "root", "asked for it")
    work(MORNING)
    assert not gate.given
    assert (only().state, only().trouble) == (State.GIVEN_UP, Trouble.NO_ADDRESS)


def test_the_purpose_is_the_templates_and_not_the_callers(li: dict[str, Point], gate: Book) -> None:
    asked = wanted(li["sms"])
    made = posting.post(
        asked, "k", "pre_due", {"currency": "CNY", "amount": 1, "due_on": "2026-03-20"}, None, now=MORNING
    )
    assert (asked.purpose, made.purpose, made.limited) == ("collect", "remind", False)
    assert made.expires_at == MORNING + 48 * HOUR
