"""The page on which somebody else reads a draft beside what is in force, and approves or returns it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from daihou.book.errors import DaihouError
from daihou.desk import typed
from daihou.desk.access import needs
from daihou.desk.governance import (
    checks,
    content,
    dates,
    difference,
    evidence,
    guards,
    labels,
    numbers,
    published,
    scope,
    transitions,
)
from daihou.desk.governance.scope import open_draft_or_404, whole_lender
from daihou.desk.governance.way import way
from daihou.desk.refusals import RefusedError, StaleError

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpResponse

    from daihou.desk.asked import Asked
    from daihou.desk.governance.models import Draft


@needs("rules.view")
@require_GET
def review(request: Asked, rule_id: str) -> HttpResponse:
    """A draft beside the live version, with its evidence and its steps; what may not be done says why."""
    draft, now = open_draft_or_404(rule_id), timezone.now()
    rule = published.rule(rule_id)
    live = rule.live(dates.today(settings.HOME, now)) if rule else None
    base = live or (rule.versions[-1] if rule else None)
    before = content.values_of(content.text_of_version(rule, base)) if rule and base else {}
    examined = checks.examined(draft.text)
    sees_all = scope.holds(request, "rules.view")
    counted = numbers.today() if draft.retires and sees_all else None
    no_review = scope.without_reviewing(request)
    context = {
        "draft": draft,
        "values": draft.values,
        "rule": rule,
        "base": base,
        "live": live,
        "examined": examined,
        "rows": difference.rows(before, draft.values),
        "way": way(draft, examined, counts=sees_all),
        "sees_all": sees_all,
        "steps": draft.steps.select_related("actor"),
        "numbers": counted.of(rule_id) if counted else None,
        "no_writing": scope.without_writing(request),
        "no_approving": no_review or guards.against_approving(draft, request.user, now),
        "no_publishing": no_review or guards.against_publishing(draft, request.user, now),
        "no_returning": no_review or guards.against_returning(draft, request.user, None),
        **evidence.shown(draft),
    }
    return render(request, "governance/review.html", context)


@whole_lender("rules.review")
@require_POST
def approve(request: Asked, rule_id: str) -> HttpResponse:
    """Approve and publish."""

    def act(draft: Draft) -> str:
        note = request.POST.get("note", "")
        moved = transitions.approve(draft, _revision(request), note, request)
        return _("Version %(number)d is approved and published.") % {"number": moved.number}

    return _done(request, rule_id, act, "rule")


@whole_lender("rules.review")
@require_POST
def publish(request: Asked, rule_id: str) -> HttpResponse:
    """Publish what is approved and could not be written at once."""

    def act(draft: Draft) -> str:
        return _("Version %(number)d is published.") % {"number": transitions.publish(draft, request).number}

    return _done(request, rule_id, act, "rule")


@whole_lender("rules.review")
@require_POST
def send_back(request: Asked, rule_id: str) -> HttpResponse:
    """Return it with what is to be changed."""

    def act(draft: Draft) -> str:
        transitions.send_back(draft, _revision(request), request.POST.get("note", ""), request)
        return _("It is returned to its author.")

    return _done(request, rule_id, act, "rule_history")


def _done(request: Asked, rule_id: str, act: Callable[[Draft], str], then: str) -> HttpResponse:
    """Do it and go on; where it is refused, back to the page with the reason."""
    draft = scope.open_draft(rule_id)
    if draft is None:
        messages.error(request, _("It was decided in the meantime."))
        return redirect("rule_history", rule_id)
    try:
        messages.success(request, act(draft))
    except RefusedError as refused:
        messages.error(request, str(refused))
    except StaleError:
        messages.error(request, _("It was changed after you opened it, and is not decided. Read it again first."))
    except DaihouError as error:
        messages.error(request, " ".join(labels.told(error)))
    else:
        return redirect(then, rule_id)
    return redirect("rule_review", rule_id)


def _revision(request: Asked) -> int:
    stated = request.POST.get("revision", "")
    return typed.revision(stated)
