"""The list of queries."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from django.conf import settings
from django.core.paginator import Paginator
from django.shortcuts import render
from django.views.decorators.http import require_GET

from daihou.desk.access import needs
from daihou.desk.bureau import chosen as choice
from daihou.desk.bureau import scope
from daihou.desk.bureau.choices import Outcome
from daihou.desk.bureau.models import Query
from daihou.desk.people.models import User
from daihou.desk.vault import people

if TYPE_CHECKING:
    from django.http import HttpResponse

    from daihou.desk.asked import Asked

PAGE: Final = 50


@needs("bureau.view")
@require_GET
def listed(request: Asked) -> HttpResponse:
    """The queries in reach that the address asks for, the newest first."""
    wanted = choice.chosen(request.GET)
    seen = scope.seen(Query.objects.all(), request.user, request.rights)
    page = Paginator(
        seen.filter(wanted.condition(request.user)).select_related("asked_by").order_by("-pk"), PAGE
    ).get_page(request.GET.get("page"))
    names = people.masked_names({one.borrower_id for one in page.object_list})
    views = [
        (code, label, seen.filter(choice.view_of(code, request.user)).count()) for code, label in choice.VIEWS.items()
    ]
    context = {
        "rows": [(one, names.get(one.borrower_id) or one.borrower_id) for one in page.object_list], "page": page, "chosen": wanted, "views": views,
        "outcomes": Outcome.choices, "bureaus": settings.HOME.settings.bureaus, "currency": settings.HOME.settings.base_currency,
        "people": User.objects.filter(pk__in=seen.order_by().values("asked_by").distinct()).order_by("name"),
    }  # fmt: skip
    return render(request, "bureau/queries.html", context)
