"""The list of rules, all of them as a file, and a file of rules as drafts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from daihou.desk.access import needs
from daihou.desk.audit.log import record
from daihou.desk.governance import dates, importing, labels, listing, numbers, published, scope, transitions
from daihou.desk.governance.forms import FileForm
from daihou.desk.governance.scope import whole_lender
from daihou.warning import reading

if TYPE_CHECKING:
    from daihou.desk.asked import Asked


@needs("rules.view")
@require_GET
def rules(request: Asked) -> HttpResponse:
    """All rules on the business date, filtered by the address."""
    day, wanted = dates.today(settings.HOME, timezone.now()), listing.chosen(request.GET)
    found = listing.rows(day, wanted)
    counted = numbers.today() if scope.holds(request, "rules.view") else None
    context = {
        "rows": [(row, counted.of(row.id, shadow=row.live is None) if counted else None) for row in found],
        "counted": counted,
        "sees_all": scope.holds(request, "rules.view"),
        "chosen": wanted,
        "topics": labels.TOPICS.items(),
        "levels": labels.LEVELS.items(),
        "subjects": labels.SUBJECTS.items(),
        "states": listing.STATES.items(),
        "broken": [(one, labels.told(one.problem)) for one in published.rulebook().broken(day)],
        "no_writing": scope.without_writing(request),
    }
    return render(request, "governance/rules.html", context)


@whole_lender("rules.write")
@require_POST
def new(request: Asked) -> HttpResponse:
    """Begin a new rule."""
    draft = transitions.begin({}, request)
    return redirect("rule_draft", draft.rule_id)


@needs("rules.view")
@require_GET
def export(request: Asked) -> HttpResponse:
    """Every rule with all its versions, as YAML."""
    found = published.rulebook().rules
    record(request, "rule.export", "rule", "", {"rules": len(found)})
    return as_file(reading.text(found), "rules.yaml")


@whole_lender("rules.write")
@require_http_methods(["GET", "HEAD", "POST"])
def bring(request: Asked) -> HttpResponse:
    """A file of rules, each of which becomes a draft where it says something new."""
    form = FileForm(request.POST or None, request.FILES or None)
    if request.method != "POST" or not form.is_valid():
        return render(
            request, "governance/import.html", {"form": form}, status=422 if request.method == "POST" else 200
        )
    file = form.cleaned_data["file"]
    brought = importing.bring(file.read(), file.name, request)
    if brought.drafts and not brought.problems:
        messages.success(request, _("Begun: %(rules)s.") % {"rules": _(", ").join(brought.drafts)})
    context = {"form": FileForm(), "brought": brought}
    return render(request, "governance/import.html", context, status=422 if brought.problems else 200)


def as_file(text: str, name: str) -> HttpResponse:
    """A text to be kept as a file."""
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(text, content_type="application/yaml; charset=utf-8", headers=headers)
