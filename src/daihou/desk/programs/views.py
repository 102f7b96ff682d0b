"""The administrator's pages of programs: all of them, one, and what it may do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Max, Q
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from daihou.desk.access import needs
from daihou.desk.people.reach import Access
from daihou.desk.people.tables import held_roles
from daihou.desk.programs import transitions
from daihou.desk.programs.forms import ProgramForm, TokenForm
from daihou.desk.programs.models import Program
from daihou.desk.programs.scopes import SCOPES

if TYPE_CHECKING:
    from django.http import HttpResponse

    from daihou.desk.asked import Asked


@needs("programs.manage")
@require_GET
def programs(request: Asked) -> HttpResponse:
    """All programs: what each may do, and when it last did."""
    whole(request)
    held = Q(tokens__revoked_at=None, tokens__expires_at__gt=timezone.now())
    rows = Program.objects.select_related("user").annotate(
        held=Count("tokens", filter=held, distinct=True),
        token_used_at=Max("tokens__last_used_at"),
        client_used_at=Max("clients__last_used_at"),
    )
    return render(request, "programs/programs.html", {"rows": rows})


@needs("programs.manage")
@require_http_methods(["GET", "HEAD", "POST"])
def program_new(request: Asked) -> HttpResponse:
    """Enter a program."""
    whole(request)
    form = ProgramForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        made = transitions.enter(form.cleaned_data["code"], form.cleaned_data, request, timezone.now())
        messages.success(request, _("The program is entered. Give its user roles, and make a token."))
        return redirect("program", number=made.pk)
    return render(request, "programs/form.html", {"form": form}, status=422 if form.is_bound else 200)


@needs("programs.manage")
@require_GET
def program(request: Asked, number: int) -> HttpResponse:
    """One program: its scopes and what they lack, its tokens and clients."""
    whole(request)
    return render(request, "programs/program.html", of_program(one(number)))


@needs("programs.manage")
@require_http_methods(["GET", "HEAD", "POST"])
def program_edit(request: Asked, number: int) -> HttpResponse:
    """Change what a program may do."""
    whole(request)
    found = one(number)
    stated = {"code": found.code} | {name: getattr(found, name) for name in transitions.FIELDS}
    form = ProgramForm(request.POST or None, initial=stated, program=found)
    if request.method == "POST" and form.is_valid():
        transitions.change(found, form.cleaned_data, request)
        messages.success(request, _("Saved."))
        return redirect("program", number=number)
    return render(request, "programs/form.html", {"form": form, "program": found}, status=422 if form.is_bound else 200)


@needs("programs.manage")
@require_POST
def program_suspend(request: Asked, number: int) -> HttpResponse:
    """Let it do nothing."""
    whole(request)
    transitions.suspend(one(number), request, timezone.now())
    messages.success(request, _("The program is suspended: from now on none of its tokens opens anything."))
    return redirect("program", number=number)


@needs("programs.manage")
@require_POST
def program_resume(request: Asked, number: int) -> HttpResponse:
    """Let it go on."""
    whole(request)
    transitions.resume(one(number), request)
    messages.success(request, _("The program may go on, with the tokens it had."))
    return redirect("program", number=number)


def of_program(found: Program) -> dict[str, Any]:
    """What the page of a program shows."""
    now, allowed = timezone.now(), Access(found.user).permissions
    scopes = [
        (code, SCOPES[code], bool(SCOPES[code].permission) and SCOPES[code].permission not in allowed)
        for code in found.scopes
        if code in SCOPES
    ]
    return {
        "program": found,
        "scopes": scopes,
        "lacking": found.suspended_at is None and any(lacks for _code, _scope, lacks in scopes),
        "roles": held_roles(found.user.memberships.all()),
        "tokens": [(token, token.holds(now)) for token in found.tokens.select_related("made_by")],
        "clients": found.clients.select_related("made_by"),
        "form": TokenForm(),
    }


def one(number: int) -> Program:
    """The program of a number; 404 where there is none."""
    return get_object_or_404(Program.objects.select_related("user", "made_by"), pk=number)


def whole(request: Asked) -> None:
    """What programs send and read crosses the parts of the organisation: only who manages all of it."""
    if not request.rights.reach("programs.manage").everything:
        raise PermissionDenied
