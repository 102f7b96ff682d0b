"""One's own settings: language, theme; and the page a user starts on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.db.models import Q
from django.http import HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_GET, require_POST

from daihou.desk.access import PUBLIC, SIGNED_IN, needs
from daihou.desk.audit.actions import action_label
from daihou.desk.audit.models import Entry
from daihou.desk.people.models import User
from daihou.desk.people.tables import held_roles
from daihou.desk.shell import MENU

if TYPE_CHECKING:
    from django.http import HttpResponse

    from daihou.desk.asked import Asked

SIGN_INS: Final = 10
REFUSED: Final = ("sign_in.refused", "sign_in.limited", "second_factor.refused")


def _back(request: Asked) -> HttpResponse:
    """Back to the page that the form stood on; never to another site."""
    target = request.POST.get("next", "/")
    safe = url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure())
    return HttpResponseRedirect(target if safe else "/")


@needs(SIGNED_IN)
@require_GET
def start(request: Asked) -> HttpResponse:
    """The first page of the menu that the user's roles open."""
    for _, items in MENU:
        for item in items:
            if request.rights.may(item.permission):
                return redirect(item.view)
    return render(request, "people/no_role.html")


@needs(PUBLIC)
@require_POST
def language(request: Asked) -> HttpResponse:
    """Choose a language, kept with the user, or with the browser before signing in."""
    chosen = request.POST.get("language", "")
    response = _back(request)
    if chosen in dict(settings.LANGUAGES):
        if request.user.is_authenticated:
            User.objects.filter(pk=request.user.pk).update(language=chosen)
        response.set_cookie(settings.LANGUAGE_COOKIE_NAME, chosen, max_age=365 * 86400, samesite="Lax", httponly=True)
    return response


@needs(SIGNED_IN)
@require_POST
def theme(request: Asked) -> HttpResponse:
    """Choose a theme."""
    chosen = request.POST.get("theme", "")
    if chosen in User.Theme.values:
        User.objects.filter(pk=request.user.pk).update(theme=chosen)
    return _back(request)


@needs(SIGNED_IN)
@require_GET
def me(request: Asked) -> HttpResponse:
    """One's own account: roles, language, theme, password, second factor, and the last sign-ins."""
    user = request.user
    tried = Q(action__in=REFUSED, subject_kind="user", subject_id=user.username)
    entries = Entry.objects.filter(Q(action="sign_in", actor_id=user.pk) | tried).order_by("-pk")[:SIGN_INS]
    context = {
        "roles": held_roles(request.rights.memberships),
        "factors": set(Authenticator.objects.filter(user=user).values_list("type", flat=True)),
        "sign_ins": [(entry, action_label(entry.action), entry.action == "sign_in") for entry in entries],
        "themes": User.Theme.choices,
    }
    return render(request, "people/me.html", context)
