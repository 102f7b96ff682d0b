"""Letters as they are printed: the words and figures they were made with, and the addressee uncovered for that, which is logged."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from django.db import transaction
from django.utils import timezone

from daihou.book import money
from daihou.desk.audit import limits
from daihou.desk.audit.log import record
from daihou.desk.letters import figures as of_letter
from daihou.desk.letters.models import Letter
from daihou.desk.people import orgs
from daihou.desk.vault import people, uncovering
from daihou.desk.vault.models import Person

if TYPE_CHECKING:
    from collections.abc import Sequence

    from daihou.desk.asked import Asked
    from daihou.desk.letters.figures import Figures

FIELDS: Final = ("name", "address")
LINES: Final = 18
"""Instalments that a page has room for; those before are told in one line."""


@dataclass(frozen=True, slots=True)
class Page:
    """One letter on one sheet. `name` and `address` are empty for who is not in the vault, or was erased."""

    letter: Letter
    figures: Figures
    chinese: bool
    title: str
    body: tuple[str, ...]
    slip: str
    name: str
    address: str
    lender: str
    lines: tuple[tuple[int | None, str, int, int], ...]
    earlier: tuple[int, int]
    """Instalments that are not listed: how many, and their sum."""


def pages(letters: Sequence[Letter], request: Asked, *, chinese: bool) -> list[Page]:
    """The sheets of some letters in reach. Everybody is uncovered once, which is logged; TooOftenError, and nobody, where an hour does not allow all of them."""
    _check(letters, request)
    seen = {
        person_id: uncovering.reveal(request, person_id, fields, uncovering.Purpose.COLLECTION, numbers)
        for person_id, fields, numbers in _needed(letters)
    }
    found = []
    for letter in letters:
        addressee, debtor = seen[letter.addressee_id], seen[letter.borrower_id]
        name, address = (addressee.record.name, addressee.record.address) if addressee else ("", "")
        found.append(
            _page(letter, name, address, debtor.record.name if debtor else letter.borrower_id, chinese=chinese)
        )
    with transaction.atomic():
        Letter.objects.filter(pk__in=[letter.pk for letter in letters]).update(printed_at=timezone.now())
        for letter in letters:
            record(request, "letter.print", "letter", letter.number, {"language": "zh-hans" if chinese else "en"})
    return found


def _needed(letters: Sequence[Letter]) -> list[tuple[str, Sequence[str], str]]:
    """Whom some letters need uncovered, in order: of a debtor who is written to by none of them the name alone; with the letters it is for."""
    addressees, numbers = {letter.addressee_id for letter in letters}, dict[str, list[str]]()
    for letter in letters:
        for person_id in dict.fromkeys((letter.addressee_id, letter.borrower_id)):
            numbers.setdefault(person_id, []).append(letter.number)
    return [(one, FIELDS if one in addressees else FIELDS[:1], ", ".join(of)) for one, of in numbers.items()]


def _check(letters: Sequence[Letter], request: Asked) -> None:
    """TooOftenError with how many letters an hour allows still, before anybody is uncovered. Who is not in the vault is not counted: nothing is uncovered."""
    needed = [person_id for person_id, _, _ in _needed(letters)]
    there = set(Person.objects.filter(borrower_id__in=needed, erased_at=None).values_list("borrower_id", flat=True))
    allowed = limits.left(request.user, uncovering.ACTION, dt.timedelta(hours=1), uncovering.MOST_AN_HOUR)
    if len(there) <= allowed:
        return
    fit = max(n for n in range(len(letters)) if len({one for one, _, _ in _needed(letters[:n])} & there) <= allowed)
    raise uncovering.TooOftenError(
        f"These letters would uncover {len(there)} people, and within this hour you may uncover {allowed} more.",
        f"Print no more than {fit} of them now, and the rest later." if fit else "Go on later.",
        zh=(
            f"打印所选通知书需查看 {len(there)} 人的完整信息，您一小时内还可查看 {allowed} 人。",
            f"现在最多可打印其中 {fit} 份，其余请稍后再打印。" if fit else "请稍后再试。",
        ),
    )


def _page(letter: Letter, name: str, address: str, debtor: str, *, chinese: bool) -> Page:
    told, words, tongue = of_letter.read(letter.figures), letter.wording.words, "zh" if chinese else "en"
    values = _values(letter, told, debtor, chinese=chinese)
    hidden = told.lines[:-LINES] if len(told.lines) > LINES else ()
    return Page(
        letter, told, chinese, words[f"title_{tongue}"], tuple(text.format_map(values) for text in words[f"body_{tongue}"]),
        words[f"slip_{tongue}"].format_map(values), name, address, orgs.tree().name(letter.org_id), told.lines[len(hidden) :],
        (len(hidden), sum(line[2] for line in hidden)),
    )  # fmt: skip


def _values(letter: Letter, told: Figures, debtor: str, *, chinese: bool) -> dict[str, Any]:
    amount = said(told.total, told.currency, chinese=chinese)
    return {
        "lender": orgs.tree().name(letter.org_id), "loan": letter.loan_id, "debtor": debtor, "number": letter.number,
        "as_of": dated(letter.as_of.isoformat(), chinese=chinese), "matures_on": dated(told.pay_by or told.matures_on, chinese=chinese),
        "disbursed_on": dated(told.disbursed_on, chinese=chinese), "principal": said(told.principal, told.currency, chinese=chinese),
        "amount": amount, "total": _with_capitals(amount, told.capitals, chinese=chinese),
    }  # fmt: skip


def said(minor: int, currency: str, *, chinese: bool) -> str:
    """An amount in figures with its currency."""
    text = money.text(minor, currency)
    return f"人民币{text}元" if chinese and currency == of_letter.CAPITALS else f"{currency} {text}"


def _with_capitals(amount: str, capitals: str, *, chinese: bool) -> str:
    if not capitals:
        return amount
    return f"{amount}（大写：{capitals}）" if chinese else f"{amount} (in Chinese capitals: {capitals})"


def dated(day: str, *, chinese: bool) -> str:
    """A day as a letter writes it."""
    if not day:
        return "—"
    on = dt.date.fromisoformat(day)
    return f"{on.year}年{on.month}月{on.day}日" if chinese else f"{on.day} {on:%B %Y}"


def masked(letters: Sequence[Letter]) -> dict[str, str]:
    """The names to show of those whom letters are about and for; who is not in the vault, or was erased, by number."""
    ids = {one for letter in letters for one in (letter.addressee_id, letter.borrower_id)}
    return {one: one for one in ids} | people.masked_names(ids)
