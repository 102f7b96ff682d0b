"""Messages to people in collection: their texts by what they say, by channel and language, and what each may name."""

from __future__ import annotations

import re
from dataclasses import dataclass
from string import Formatter
from typing import TYPE_CHECKING, Any, Final, Literal

from daihou.policies.collection import LADDER
from daihou.policies.contact_codes import PURPOSES
from daihou.policies.dated import Dated, dated

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

WRITTEN: Final = ("sms", "email")
"""Channels by which texts are sent."""
LANGUAGES: Final = ("zh-hans", "en")
"""Every text stands in each of them."""
Kind = Literal["text", "money", "day", "count", "parts"]
FACTS: Final[Mapping[str, Kind]] = {
    "lender": "text", "phone": "text", "papers": "text",
    "amount": "money", "missing": "money", "due_on": "day", "as_of": "day", "days": "count", "parts": "parts",
}  # fmt: skip
"""What a text may name, and how it is written. `parts` are days with an amount each."""
HARMLESS: Final = ("lender", "phone")
"""What shows nothing of a debt: all that a limited message may name. Both are of the lender itself."""
TOLD: Final[Mapping[str, tuple[str, ...]]] = {
    "pre_due": ("amount", "due_on"),
    "arrears": ("amount", "days", "as_of"),
    "promise_taken": ("amount", "parts"),
    "promise_due": ("amount", "due_on"),
    "promise_broken": ("amount", "missing", "due_on"),
    "plan_agreed": ("amount", "parts"),
    "papers_wanted": ("papers", "due_on"),
    "call_back": (),
}
"""The messages that the desk knows the facts of, and the facts. A house's own messages name what they are given when they are posted."""
_CODE: Final = re.compile(r"[a-z][a-z0-9_]{0,39}")


@dataclass(frozen=True, slots=True)
class Text:
    """One text; a text message has no subject."""

    subject: str
    text: str

    @property
    def names(self) -> frozenset[str]:
        """What it names in braces; ValueError where a brace is wrong or says how to format."""
        found = set()
        for part in (self.subject, self.text):
            for _plain, name, form, conversion in Formatter().parse(part):
                if name is not None:
                    if form or conversion or not name.isidentifier():
                        raise ValueError(f"'{{{name}}}' is not a plain name in braces")
                    found.add(name)
        return frozenset(found)


@dataclass(frozen=True, slots=True)
class Template:
    """What one message says, by channel and language."""

    code: str
    en: str
    zh: str
    """What it is called at the desk."""
    purpose: str
    stages: tuple[str, ...]
    """At which stages of a case it is offered; empty: at all."""
    limited: bool
    """Whether it shows nothing of a debt, and so may go to somebody who does not owe it."""
    lasts_hours: int
    """For so long after it was asked for it may be sent; after that it is dropped."""
    texts: Mapping[str, Mapping[str, Text]]

    def __post_init__(self) -> None:
        """Read the texts and check what they name."""
        if not isinstance(self.code, str) or not _CODE.fullmatch(self.code):
            raise ValueError(f"code '{self.code}' must be small letters, digits and _, 40 at most")
        if self.purpose not in PURPOSES:
            raise ValueError(f"{self.code}: purpose must be one of {', '.join(PURPOSES)}, not {self.purpose}")
        object.__setattr__(self, "stages", tuple(self.stages))
        _only(f"{self.code}: stages", self.stages, LADDER)
        if not isinstance(self.limited, bool):
            raise ValueError(f"{self.code}: limited must be true or false")  # noqa: TRY004 - how a policy refuses a value
        if not isinstance(self.lasts_hours, int) or isinstance(self.lasts_hours, bool) or self.lasts_hours < 1:
            raise ValueError(f"{self.code}: lasts_hours must be 1 or more")
        _keys(f"{self.code}: texts", self.texts, WRITTEN, all_of_them=False)
        read = {
            channel: _by_language(f"{self.code}, {channel}", stated, channel) for channel, stated in self.texts.items()
        }
        object.__setattr__(self, "texts", read)
        for channel, language, text in self.every():
            self._check(f"{self.code}, {channel}, {language}", text)

    def every(self) -> list[tuple[str, str, Text]]:
        """Each text, with its channel and language."""
        return [
            (channel, language, text) for channel, stated in self.texts.items() for language, text in stated.items()
        ]

    def _check(self, spot: str, text: Text) -> None:
        try:
            names = text.names
        except ValueError as error:
            raise ValueError(f"{spot}: {error}") from error
        allowed: Sequence[str] = HARMLESS if self.limited else (*HARMLESS, *TOLD.get(self.code, tuple(FACTS)))
        if unknown := sorted(names - set(allowed)):
            why = " as it is limited" if self.limited else ""
            raise ValueError(
                f"{spot}: may not name {', '.join(unknown)}{why}; it may name {', '.join(dict.fromkeys(allowed))}"
            )

    def needs(self, channel: str, language: str) -> frozenset[str]:
        """What must be known for it to be written by a channel."""
        return self.texts[channel][language].names - {"lender"}


@dataclass(frozen=True, slots=True)
class Messages:
    """The texts of a house."""

    lender: Mapping[str, str]
    """By language: what the lender is called in texts. It must not show that somebody collects."""
    phone: str
    """The number that people may call back; empty: a text that names it is not sent."""
    opt_out: Mapping[str, Mapping[str, str]]
    """By channel and language: the line at the end of every text that says how to be written to no more; channels left out carry none."""
    templates: Sequence[Template]
    """Stated as mappings in the file."""

    def __post_init__(self) -> None:
        """Read the templates, check that every language is there."""
        _keys("lender", self.lender, LANGUAGES)
        if any(not isinstance(name, str) or not name.strip() or "\n" in name for name in self.lender.values()):
            raise ValueError("lender must have a name in each language")
        if not isinstance(self.phone, str) or not re.fullmatch(r"[0-9+() -]{0,30}", self.phone):
            raise ValueError("phone must be digits in quotes, or empty quotes")
        _keys("opt_out", self.opt_out, WRITTEN, all_of_them=False)
        for channel, stated in self.opt_out.items():
            _keys(f"opt_out, {channel}", stated, LANGUAGES)
            if any(not isinstance(line, str) or not line.strip() for line in stated.values()):
                raise ValueError(f"opt_out, {channel}: a line is empty")
        stated_templates: Sequence[Any] = self.templates
        read = tuple(each if isinstance(each, Template) else Template(**each) for each in stated_templates)
        object.__setattr__(self, "templates", read)
        codes = [each.code for each in read]
        if twice := sorted({code for code in codes if codes.count(code) > 1}):
            raise ValueError(f"{', '.join(twice)} is there twice")

    def template(self, code: str) -> Template | None:
        """The template of a code."""
        return next((each for each in self.templates if each.code == code), None)

    def offered(self, channel: str, *, stage: str, limited: bool) -> list[Template]:
        """What may be sent by a channel at a stage; to somebody who does not owe the debt (`limited`) only what shows nothing of it."""
        return [
            each
            for each in self.templates
            if channel in each.texts
            and (not each.stages or stage in each.stages)
            and each.limited == limited
            and (self.phone or all("phone" not in text.names for text in each.texts[channel].values()))
        ]


def _by_language(spot: str, stated: Any, channel: str) -> dict[str, Text]:
    _keys(spot, stated, LANGUAGES)
    read = {}
    for language, each in stated.items():
        if channel == "email":
            _keys(f"{spot}, {language}", each, ("subject", "text"))
            text = Text(str(each["subject"]).strip(), str(each["text"]).strip())
            if not text.subject or "\n" in text.subject:
                raise ValueError(f"{spot}, {language}: subject must be one line")
        else:
            text = Text("", str(each).strip())
        if not text.text:
            raise ValueError(f"{spot}, {language}: the text is empty")
        read[language] = text
    return read


def _keys(name: str, stated: Any, known: Sequence[str], *, all_of_them: bool = True) -> None:
    if not isinstance(stated, dict):
        raise ValueError(f"{name} must be a mapping")  # noqa: TRY004 - how a policy refuses a value
    _only(name, stated, known)
    if all_of_them and (missing := [each for each in known if each not in stated]):
        raise ValueError(f"{name}: {', '.join(missing)} is missing")


def _only(name: str, stated: Iterable[Any], known: Sequence[str]) -> None:
    if unknown := [str(each) for each in stated if each not in known]:
        raise ValueError(f"{name}: {', '.join(unknown)} is unknown; there are {', '.join(known)}")


def messages(text: str, place: str) -> Dated[Messages]:
    """The policy from its file."""
    return dated("messages", Messages, text, place)
