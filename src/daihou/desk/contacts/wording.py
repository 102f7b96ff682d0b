"""A template and what it names, as the message that is read: amounts and days as the language writes them."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any, Final

from babel.dates import format_date

from daihou.book import money
from daihou.desk.contacts.channels.interface import Message
from daihou.policies.messages import FACTS, LANGUAGES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from daihou.policies.messages import Messages, Template

LOCALES: Final = {"zh-hans": "zh_Hans_CN", "en": "en_GB"}


class UnknownError(Exception):
    """Something that the text names is not known, or is not what it should be."""


def language_of(stated: str) -> str:
    """Of the languages that texts stand in, the one for somebody who reads `stated`; Chinese where nothing is stated."""
    plain = stated.lower()
    return "zh-hans" if not plain or plain.startswith("zh") else "en"


def written(policy: Messages, template: Template, channel: str, language: str, values: Mapping[str, Any]) -> Message:
    """The message of a template; UnknownError where it has no text for the channel, or a value is missing or of another kind.

    Of `values`, amounts are minor units of their `currency`, days are ISO, `parts` are pairs of day and amount.
    """
    if channel not in template.texts or language not in LANGUAGES:
        raise UnknownError(f"{template.code} has no text for {channel} in {language}")
    text = template.texts[channel][language]
    known = dict(values) | {"lender": policy.lender[language], "phone": policy.phone}
    said = {name: _said(name, known, language) for name in text.names}
    body = text.text.format_map(said)
    line = policy.opt_out.get(channel, {}).get(language, "")
    if line:
        body = f"{body}\n\n{line}" if channel == "email" else f"{body}{'' if language == 'zh-hans' else ' '}{line}"
    return Message(text.subject.format_map(said), body)


def _said(name: str, values: Mapping[str, Any], language: str) -> str:
    value = values.get(name)
    if value is None or value == "":
        raise UnknownError(f"{name} is not known")
    try:
        match FACTS[name]:
            case "money":
                return _money(value, values["currency"], language)
            case "day":
                return _day(value, language)
            case "count":
                return f"{_whole(value):,}"
            case "parts":
                each = [(_day(day, language), _money(amount, values["currency"], language)) for day, amount in value]
                return (
                    "；".join(map(" ".join, each))
                    if language == "zh-hans"
                    else ", ".join(f"{amount} on {day}" for day, amount in each)
                )
            case "text":
                return str(value)
    except (KeyError, TypeError, ValueError) as error:
        raise UnknownError(f"{name} cannot be written: {error!r}") from error


def _money(units: Any, currency: str, language: str) -> str:
    figure = money.text(_whole(units), currency)
    return f"{figure}元" if language == "zh-hans" and currency == "CNY" else f"{currency} {figure}"


def _day(stated: Any, language: str) -> str:
    day = stated if isinstance(stated, dt.date) else dt.date.fromisoformat(stated)
    return str(format_date(day, "long", locale=LOCALES[language]))


def _whole(stated: Any) -> int:
    if not isinstance(stated, int) or isinstance(stated, bool):
        raise TypeError(f"{stated!r} is no whole number")
    return stated
