"""Arrangements as pages show them: terms and limits, the two courses day by day, who decides, why an act is not allowed, what waits for whom."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext, pgettext_lazy

from daihou.book import money
from daihou.book.business_date import business_date
from daihou.collection.arrangement import compare, least_paid
from daihou.desk.casework import arrangement_guards as guards
from daihou.desk.casework import arranging, authority, scope, troubles
from daihou.desk.casework.choices import ApprovalAuthority, ArrangementKind, ArrangementState
from daihou.desk.casework.models import Arrangement, Case
from daihou.desk.casework.policy import policy
from daihou.desk.people.holders import for_whole_lender
from daihou.desk.vault import people
from daihou.desk.work.due import Due

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence

    from django.db.models import QuerySet

    from daihou.collection.arrangement import Compared
    from daihou.desk.asked import Asked
    from daihou.desk.casework.arranging import Held
    from daihou.desk.people.models import User
    from daihou.desk.people.reach import Access

COMPARED_DAYS: Final = 62
"""Days that are compared at least, so that what falls due in the next two months is seen."""
DECIDERS: Final = 3
"""Names said of those who may approve it."""
MOST: Final = 200
"""Of what waits, so many are told under My work; the list has them all."""
DECIDE: Final = pgettext_lazy("what is asked of an arrangement", "Approve or return")
REDRAFT: Final = pgettext_lazy("what is asked of an arrangement", "Draft anew")
RELATED: Final = ("case", "made_by", "decided_by", "promise")


@dataclass(frozen=True, slots=True)
class Limit:
    """One limit of policy: what it is about, what is asked for, what a branch may, what head office may; amounts and days as text."""

    label: str
    stated: str
    branch: str
    most: str
    standing: str
    """`ok`, `beyond` a branch, or `broken`."""


def today() -> dt.date:
    """The business date by which claims are read and agreed."""
    return business_date(settings.HOME.settings, timezone.now())


def day_of(arrangement: Arrangement) -> dt.date:
    """By the claim of which day it is shown: of what was decided or ended, that day; else today."""
    ended = arrangement.decided_at if arrangement.state != ArrangementState.WITHDRAWN else arrangement.ended_at
    if arrangement.state in (*arranging.WRITABLE, ArrangementState.SUBMITTED) or ended is None:
        return today()
    return business_date(settings.HOME.settings, ended)


def seen(user: User, rights: Access) -> QuerySet[Arrangement]:
    """The arrangements of cases in reach."""
    return Arrangement.objects.filter(case__in=scope.seen(user, rights)).select_related(*RELATED)


def context(arrangement: Arrangement, held: Held, request: Asked) -> dict[str, Any]:
    """What its page shows of terms, limits, courses, consents and acts."""
    days = compare(held.claimed.basis, held.terms)
    decided_by = authority.approvers(arrangement.case, held.examined.authority, authority.makers(arrangement))
    return {
        "held": held, "first": held.claimed.basis.first, "examined": held.examined, "limits": limits(arrangement, held), "days": turns(days),
        "last": days[-1], "chart": chart(days, arrangement.currency), "guarantors": held.guarantors, "missing": set(held.missing),
        "agreed": set(arrangement.terms.get("agreed", ())), "troubles": troubles.sentences(held.examined.troubles, arrangement.currency),
        "beyond": [str(troubles.BEYOND[code]) for code in held.examined.beyond],
        "authority_name": ApprovalAuthority(held.examined.authority).label, "deciders": _names(decided_by[:DECIDERS]),
        "paid_up": [(name, label, held.terms.waived.get(name, 0)) for name, label in troubles.COMPONENT_NAMES.items() if held.terms.waived.get(name)],
        "no": refusals(arrangement, held, request),
    }  # fmt: skip


def refusals(arrangement: Arrangement, held: Held | None, request: Asked) -> dict[str, str]:
    """By act why it is not allowed; empty where it is. Without a claim nothing can be submitted or approved."""
    user, rights = request.user, request.rights
    unmeasured = _("What is owed cannot be read now.") if held is None else ""
    unfit = troubles.sentences(held.examined.troubles, arrangement.currency) if held else []
    needed = held.examined.authority if held else "branch"
    submit = guards.against_submitting(arrangement, user, rights) or unmeasured or " ".join(unfit)
    approve = guards.against_approving(arrangement, needed, user, rights) or unmeasured
    if not approve and held is not None and held.examined.troubles:
        approve = troubles.changed(held.examined.troubles, arrangement.currency)
    return {
        "change": guards.against_changing(arrangement, None, user, rights), "submit": submit,
        "approve": approve or guards.against_two(arrangement),
        "return": guards.against_returning(arrangement, user, rights, None),
        "withdraw": guards.against_withdrawing(arrangement, user, rights, None),
        "end": guards.against_ending(arrangement, user, rights, None),
    }  # fmt: skip


def limits(arrangement: Arrangement, held: Held) -> list[Limit]:
    """The limits that its kind is held against."""
    rule, currency, base = policy(held.claimed.basis.first.on).approvals, arrangement.currency, held.claimed.base
    codes = {trouble.code for trouble in held.examined.troubles}
    dash = "–"
    found = [
        Limit(
            pgettext("limit of an arrangement", "Days"), str(held.examined.longest_days), str(rule.branch_longest_days), str(rule.longest_days),
            "broken" if "too_long" in codes else "beyond" if "longest" in held.examined.beyond else "ok",
        ),
        Limit(
            pgettext("limit of an arrangement", "Given up"), f"{money.text(held.examined.forgiven, currency)} {currency}",
            f"{rule.branch_forgives_most:,} {base}", dash, "beyond" if {"forgives", "no_rate"} & set(held.examined.beyond) else "ok",
        ),
    ]  # fmt: skip
    if held.terms.kind in ("instalments", "settlement"):
        parts = len(held.terms.parts)
        found.append(
            Limit(pgettext("limit of an arrangement", "Parts"), str(parts), str(rule.most_parts), str(rule.most_parts), "broken" if "too_many_parts" in codes else "ok")
        )  # fmt: skip
    if held.terms.kind == "settlement":
        least = money.text(least_paid(held.claimed.basis.first.total, rule), currency)
        words = _("at least %(least)s") % {"least": least}
        found.append(
            Limit(
                pgettext("limit of an arrangement", "Paid"), f"{money.text(held.examined.paid, currency)} {currency}", words, words,
                "broken" if "paid_too_little" in codes else "ok",
            )
        )  # fmt: skip
    return found


def turns(days: Sequence[Compared]) -> list[Compared]:
    """The days on which something is to be paid or falls due, with the first and the last."""
    last = len(days) - 1
    return [day for place, day in enumerate(days) if place in (0, last) or day.to_pay or day.falls_due]


def chart(days: Sequence[Compared], currency: str) -> dict[str, Any]:
    """Both courses as an ECharts option, colours by the names of their tokens."""
    unit = money.unit(currency)
    names = {
        "without": pgettext("course of a claim", "By the contract"),
        "under": pgettext("course of a claim", "Under the arrangement"),
    }
    colours = {"without": "--dh-s3", "under": "--dh-s1"}
    series = [
        {
            "name": names[course], "type": "line", "step": "end", "symbol": "none",
            "data": [[day.on.isoformat(), getattr(day, course) / unit] for day in days],
            "lineStyle": {"width": 2, "color": colours[course], **({"type": "dashed"} if course == "without" else {})},
            "itemStyle": {"color": colours[course]}, **({"areaStyle": {"color": colours[course], "opacity": 0.08}} if course == "under" else {}),
        }
        for course in names
    ]  # fmt: skip
    return {
        "tooltip": {"trigger": "axis"},
        "legend": {"top": 0, "right": 0, "itemWidth": 16, "itemHeight": 8, "textStyle": {"color": "--dh-muted", "fontSize": 12}, "data": list(names.values())},
        "grid": {"left": 8, "right": 16, "top": 32, "bottom": 4, "outerBoundsMode": "same", "outerBoundsContain": "axisLabel"},
        "xAxis": {"type": "time", "axisLabel": {"color": "--dh-muted", "fontSize": 11, "hideOverlap": True, "formatter": "{yy}-{MM}-{dd}"}},
        "yAxis": {"type": "value", "splitNumber": 4, "axisLabel": {"color": "--dh-muted", "fontSize": 11}},
        "series": series,
    }  # fmt: skip


def parts_kept(arrangement: Arrangement) -> list[Any]:
    """What is to be paid by it as judged last, once it is approved."""
    return list(arrangement.promise.parts.all()) if arrangement.promise is not None else []


def offered(case: Case) -> bool:
    """Whether something stands or waits for the case already."""
    standing = (*arranging.UNDECIDED, ArrangementState.APPROVED)
    return case.arrangements.filter(state__in=standing).exists()


def to_decide(user: User, rights: Access) -> QuerySet[Arrangement]:
    """Submitted ones that somebody may decide on: within reach and authority, drafted by others."""
    if not rights.may(authority.APPROVE):
        return Arrangement.objects.none()
    within = scope.seen(user, rights, authority.APPROVE)
    found = Arrangement.objects.filter(state=ArrangementState.SUBMITTED, case__in=within, case__closed_at=None)
    if not for_whole_lender(rights, authority.APPROVE):
        found = found.exclude(authority=ApprovalAuthority.HEAD_OFFICE)
    handed_on = (ArrangementState.DRAFT, ArrangementState.SUBMITTED)
    mine = Arrangement.objects.filter(
        moves__actor=user.pk, moves__state_after__in=handed_on, state=ArrangementState.SUBMITTED
    )
    return found.exclude(made_by=user.pk).exclude(pk__in=mine.values("pk"))


def waiting(user: User, rights: Access) -> list[Due]:
    """What arrangements ask of somebody: to decide, and to draft anew what came back."""
    returned = Arrangement.objects.filter(state=ArrangementState.RETURNED, made_by=user.pk, case__closed_at=None)
    rows = [
        *((DECIDE, one) for one in to_decide(user, rights).select_related("case").order_by("submitted_at")[:MOST]),
        *((REDRAFT, one) for one in returned.select_related("case").order_by("decided_at")[:MOST]),
    ]
    names = people.masked_names({one.case.borrower_id for _, one in rows})
    return [
        Due(
            what, names.get(one.case.borrower_id) or one.case.borrower_id, f"{one.get_kind_display()} · {arranging.number(one)}",
            reverse("arrangement", args=[one.pk]), None,
        )
        for what, one in rows
    ]  # fmt: skip


def kinds() -> list[tuple[str, str, str]]:
    """Each kind with its label and what it does."""
    meanings = {
        ArrangementKind.INSTALMENTS: _("What is past due is paid in parts, beside what falls due by the contract."),
        ArrangementKind.EXTENSION: _(
            "What is past due, and what falls due, is due later. Penalties and costs stay due."
        ),
        ArrangementKind.WAIVER: _("Part of what is past due is given up; the rest stays due."),
        ArrangementKind.SETTLEMENT: _(
            "Part is paid by fixed days; once it is, the rest of what is past due is given up."
        ),
    }
    return [(kind.value, str(kind.label), meanings[kind]) for kind in ArrangementKind]


def _names(users: Sequence[User]) -> str:
    return pgettext("between names", ", ").join(str(user) for user in users)
