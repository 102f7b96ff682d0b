"""Channels take a permit for themselves and no other, and the telephone is dialled by a link."""

from __future__ import annotations

import inspect
import uuid
from typing import TYPE_CHECKING

import pytest

from daihou.desk.contacts import contacting, sending
from daihou.desk.contacts.channels import known, phone
from daihou.desk.contacts.channels.email import Email
from daihou.desk.contacts.channels.interface import Message
from daihou.desk.contacts.channels.sms import Sms
from daihou.desk.contacts.choices import MESSAGES, Outcome
from daihou.desk.contacts.points import GoneError
from daihou.desk.notices.handing import FailedError
from daihou.desk.vault.erasure import erase
from desk.contacts import posts
from desk.contacts.posts import DIALLED, LI, MINUTE, MORNING, told, wanted

if TYPE_CHECKING:
    from daihou.desk.contacts.gateway.behaviour import Book
    from daihou.desk.contacts.models import Point

_english, _alone, gate, mails, li = posts._english, posts._alone, posts.gate, posts.mails, posts.li


def test_a_permitted_call_is_dialled_by_a_link(li: dict[str, Point]) -> None:
    contact, permit = contacting.begin(wanted(li["phone"], "phone"), "k", None, MORNING)
    assert phone.link(permit, li["phone"], MORNING) == f"tel:{DIALLED}"
    contacting.finish(contact, Outcome.NO_ANSWER, request=None, at=MORNING + MINUTE)
    with pytest.raises(PermissionError):
        phone.link(permit, li["phone"], MORNING + MINUTE)


def test_a_number_that_is_gone_is_not_dialled(li: dict[str, Point]) -> None:
    _, permit = contacting.begin(wanted(li["phone"], "phone"), "k", None, MORNING)
    erase(LI, "root", "asked for it")
    with pytest.raises(GoneError):
        phone.link(permit, li["phone"], MORNING)


def test_a_permit_to_call_sends_nothing_and_one_to_write_dials_nothing(li: dict[str, Point], gate: Book) -> None:
    _, permit = contacting.begin(wanted(li["phone"], "phone"), "k", None, MORNING)
    for channel in known.CHANNELS:
        with pytest.raises(PermissionError):
            channel.send(permit, DIALLED, Message("", "Pay."), uuid.uuid4())
    told(li)
    claimed = sending.claim(MORNING)
    assert claimed is not None
    with pytest.raises(PermissionError):
        phone.link(claimed.permit, li["phone"], MORNING)
    with pytest.raises(PermissionError):
        Email().send(claimed.permit, DIALLED, Message("", "Pay."), uuid.uuid4())
    assert not gate.given


def test_every_channel_asks_for_a_permit_first() -> None:
    for channel in known.CHANNELS:
        assert list(inspect.signature(channel.send).parameters) == ["permit", "to", "message", "number"]
        assert channel.code in MESSAGES


def test_a_channel_that_is_not_set_up_says_so(li: dict[str, Point], gate: Book) -> None:
    told(li)
    claimed = sending.claim(MORNING)
    assert claimed is not None
    assert known.ready() == ["sms"]
    assert known.of("letter") is None
    with pytest.raises(FailedError) as failed:
        Sms().send(claimed.permit, "", claimed.message, uuid.uuid4())
    assert failed.value.trouble == "no_address"
