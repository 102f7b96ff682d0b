"""Making, replacing and ending what a program is known by. A secret is shown in the answer to the request that made it, and never again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from daihou.desk.access import needs
from daihou.desk.programs import transitions
from daihou.desk.programs.forms import TokenForm
from daihou.desk.programs.models import OAuthClient, Token
from daihou.desk.programs.views import of_program, one, whole
from daihou.desk.refusals import RefusedError

if TYPE_CHECKING:
    from django.http import HttpResponse

    from daihou.desk.asked import Asked


@needs("programs.manage")
@never_cache
@require_POST
def token_new(request: Asked, number: int) -> HttpResponse:
    """Make a token; the answer shows it."""
    whole(request)
    program, form = one(number), TokenForm(request.POST)
    if not form.is_valid():
        return render(request, "programs/program.html", of_program(program) | {"form": form}, status=422)
    value = transitions.issue_token(program, form.cleaned_data["days"], request, timezone.now())
    return render(request, "programs/secret.html", {"program": program, "token": value})


@needs("programs.manage")
@never_cache
@require_POST
def token_replace(request: Asked, number: int, token: int) -> HttpResponse:
    """Make a token in place of one; the answer shows it, and the old one works on for a day."""
    whole(request)
    try:
        value = transitions.replace_token(_token(number, token), request, timezone.now())
    except RefusedError as refused:
        messages.error(request, str(refused))
        return redirect("program", number=number)
    return render(request, "programs/secret.html", {"program": one(number), "token": value, "replaces": True})


@needs("programs.manage")
@require_POST
def token_revoke(request: Asked, number: int, token: int) -> HttpResponse:
    """End a token at once."""
    whole(request)
    transitions.revoke_token(_token(number, token), request, timezone.now())
    messages.success(request, _("The token is revoked and opens nothing any more."))
    return redirect("program", number=number)


@needs("programs.manage")
@never_cache
@require_POST
def client_new(request: Asked, number: int) -> HttpResponse:
    """Make an OAuth2 client; the answer shows its id and secret."""
    whole(request)
    program = one(number)
    client_id, secret = transitions.issue_client(program, request, timezone.now())
    return render(request, "programs/secret.html", {"program": program, "client_id": client_id, "secret": secret})


@needs("programs.manage")
@require_POST
def client_revoke(request: Asked, number: int, client: int) -> HttpResponse:
    """End a client at once, with its tokens."""
    whole(request)
    found = get_object_or_404(OAuthClient.objects.select_related("program"), pk=client, program_id=number)
    transitions.revoke_client(found, request, timezone.now())
    messages.success(request, _("The client is revoked, with every token that it got."))
    return redirect("program", number=number)


def _token(number: int, token: int) -> Token:
    return get_object_or_404(Token.objects.select_related("program"), pk=token, program_id=number)
