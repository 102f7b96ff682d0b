"""A version of a report as it is shown, printed and written: one context for the page, the PDF and Word. In the language of the report, not of the reader."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import pgettext, pgettext_lazy

from daihou.desk.governance import labels
from daihou.desk.people import orgs
from daihou.desk.reports import pictures
from daihou.desk.reports.choices import PARTS, WORDS, Act, Grade, State
from daihou.desk.reports.guards import signatures
from daihou.desk.reports.policy import policy
from daihou.desk.reports.words import cleaned
from daihou.desk.vault import people

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping, Sequence

    from daihou.desk.reports.models import Report
    from daihou.desk.reports.pictures import Picture
    from daihou.vault.person import PersonRecord

ROLES: Final[dict[str, Any]] = {
    Act.SUBMIT: pgettext_lazy("signature", "Prepared by"),
    Act.CHECK: pgettext_lazy("signature", "Checked by"),
    Act.APPROVE: pgettext_lazy("signature", "Approved by"),
}
"""Who signs, in order."""
ZH_NUMBERS: Final = "零一二三四五六七八九十"
TEN: Final = 10


@dataclass(frozen=True, slots=True)
class Section:
    """A section of the document: a part that the system filled in, a text that people wrote, or both kinds of sign-off."""

    id: str
    kind: str
    """part, words, conclusion or pictures."""
    title: str
    number: str
    part: Mapping[str, Any] | None
    paragraphs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Signed:
    """A place for a signature, filled in where somebody gave it."""

    role: str
    name: str
    on: str


@dataclass(frozen=True, slots=True)
class Shot:
    """A picture in the document."""

    picture: Picture
    address: str
    """As a data address; empty where it is not shown."""


@dataclass(frozen=True, slots=True)
class Document:
    """Everything that is shown of a version."""

    language: str
    title: str
    number: str
    mark: str
    """The classification."""
    state: str
    final: bool
    name: str
    id_no: str
    borrower_id: str
    org: str
    review: str
    as_of: str
    known_on: str
    gathered_at: str
    version: int
    digest: str
    sections: tuple[Section, ...]
    grade: str
    suggested: str
    grade_reason: tuple[str, ...]
    signed: tuple[Signed, ...]
    shots: tuple[Shot, ...]
    pictures_note: tuple[str, ...]
    pictures_source: str
    pictures_missing: str

    @property
    def pairs_of_shots(self) -> list[tuple[Shot, Shot | None]]:
        """Pictures two a row."""
        return [
            (one, self.shots[at + 1] if at + 1 < len(self.shots) else None)
            for at, one in enumerate(self.shots)
            if at % 2 == 0
        ]


@dataclass(frozen=True, slots=True)
class Stated:
    """Which version is shown, and how it stands; by default as the report stands now."""

    content: Mapping[str, Any]
    version: int
    digest: str


def document(
    report: Report, stated: Stated, *, person: PersonRecord | None = None, also: Mapping[str, tuple[str, dt.datetime]] | None = None,
    with_pictures: bool = True,
) -> Document:  # fmt: skip
    """A version in the language of its report. `person`: who was uncovered for this one print. `also`: a signature that is being given now, by act."""
    with translation.override(report.language):
        return _document(report, stated, person, also or {}, with_pictures=with_pictures)


def _document(
    report: Report, stated: Stated, person: PersonRecord | None, also: Mapping[str, tuple[str, dt.datetime]], *, with_pictures: bool
) -> Document:  # fmt: skip
    figures, words = cleaned(stated.content["figures"]), cleaned(stated.content["words"])
    parts = {part["id"]: part for part in figures["parts"]}
    photos = parts.pop("pictures", {"pictures": [], "notes": [], "source": "", "missing": ""})
    opened = pictures.opened(report, photos["pictures"]) if with_pictures else []
    shown = person or people.masked(report.borrower_id)
    erased = people.erased_on(report.borrower_id) if shown is None else None
    nobody = _("erased on %(day)s") % {"day": erased.isoformat()} if erased else _("not in the vault")
    none = pgettext("grade that is suggested", "none")
    house = policy(report.as_of or timezone.localdate(report.made_at))
    final = Act.APPROVE in also or report.state == State.APPROVED
    return Document(
        language=report.language, title=_("Report of a post-loan inspection"), number=report.number, mark=house.zh if labels.chinese() else house.en,
        state=str(State.APPROVED.label if final else report.get_state_display()), final=final, name=(shown.name if shown else "") or nobody,
        id_no=shown.id_no if shown else "", borrower_id=report.borrower_id, org=orgs.tree().name(report.org_id), review=report.review.number,
        as_of=report.as_of.isoformat() if report.as_of else "–", known_on=report.known_on.isoformat() if report.known_on else "–",
        gathered_at=str(figures.get("gathered_at", ""))[:16].replace("T", " "), version=stated.version, digest=stated.digest,
        sections=tuple(_sections(parts, words)), grade=_grade(words.get("grade", "")), suggested=_grade(figures.get("suggested", ""), none),
        grade_reason=_lines(words.get("grade_reason", "")), signed=tuple(_signed(report, also)),
        shots=tuple(Shot(one, "data:image/jpeg;base64," + b64encode(one.jpeg).decode() if one.jpeg else "") for one in opened),
        pictures_note=tuple(photos["notes"]), pictures_source=photos["source"], pictures_missing=photos["missing"],
    )  # fmt: skip


def _sections(parts: Mapping[str, Mapping[str, Any]], words: Mapping[str, str]) -> list[Section]:
    """The summary, what the system knows, what people say of it, and the conclusion last."""
    order: list[tuple[str, str, Any]] = [("summary", "words", WORDS["summary"])]
    order += [(name, "part", PARTS[name]) for name in PARTS if name in parts]
    order += [(name, "words", WORDS[name]) for name in ("sources", "risk", "measures")]
    order.append(("conclusion", "conclusion", WORDS["conclusion"]))
    return [
        Section(
            name, kind, str(title), _numbered(at), parts[name] if kind == "part" else None,
            () if kind == "part" else _lines(words.get(name, "")),
        )
        for at, (name, kind, title) in enumerate(order, 1)
    ]  # fmt: skip


def _numbered(number: int) -> str:
    """What a heading begins with: 一、 in Chinese, 1 and a space in English."""
    if not labels.chinese():
        return f"{number} "
    tens, ones = divmod(number, TEN)
    told = ("" if tens < 2 else ZH_NUMBERS[tens]) + ("十" if tens else "") + (ZH_NUMBERS[ones] if ones else "")
    return f"{told}、"


def _lines(text: str) -> tuple[str, ...]:
    return tuple(line for line in text.split("\n") if line.strip())


def _grade(code: str, other: str = "") -> str:
    return str(Grade(code).label) if code in Grade.values else other or pgettext("grade", "not chosen")


def _signed(report: Report, also: Mapping[str, tuple[str, dt.datetime]]) -> Sequence[Signed]:
    given = {act: (str(move.actor), move.at) for act, move in signatures(report).items()} | dict(also)
    return [
        Signed(str(role), given[act][0], timezone.localtime(given[act][1]).date().isoformat()) if act in given else Signed(str(role), "", "")
        for act, role in ROLES.items()
    ]  # fmt: skip
