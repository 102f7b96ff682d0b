"""OAuth2 for programs: client credentials (RFC 6749, 4.4) by allauth, its revocation (RFC 7009), and what describes both (RFC 8414).

A program that holds a client's secret exchanges it for a token of an hour. No other grant is given: people sign in at the desk.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from allauth.core.internal import httpkit
from allauth.idp.oidc import views as allauth
from allauth.idp.oidc.models import Client
from allauth.idp.oidc.models import Token as AccessToken
from django.core.cache import cache
from django.http import JsonResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_POST

from daihou.desk.access import PUBLIC, needs
from daihou.desk.audit.log import record
from daihou.desk.programs.models import OAuthClient
from daihou.desk.programs.presented import digest_of
from daihou.desk.programs.scopes import SCOPES

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from daihou.desk.asked import Asked

FAILURES: Final = 10
"""Wrong secrets of one address within a minute; then it waits. To check one costs a third of a second, on purpose."""
_MINUTE: Final = 60


@needs(PUBLIC)
@csrf_exempt
@never_cache
@require_POST
def token(request: Asked) -> HttpResponse:
    """A token for a client's id and secret, with the scopes asked for or else all that its program has."""
    failures = f"oauth-failures-{request.META.get('REMOTE_ADDR', '')}"
    if (cache.get(failures) or 0) >= FAILURES:
        return _refused("temporarily_unavailable", 429, {"Retry-After": str(_MINUTE)})
    if request.POST.get("grant_type") != Client.GrantType.CLIENT_CREDENTIALS:
        return _refused("unsupported_grant_type", 400)
    answer: HttpResponse = allauth.token(request)
    if answer.status_code == 200:
        _note(request, answer)
    elif answer.status_code == 401:
        cache.add(failures, 0, _MINUTE)
        cache.incr(failures)
        record(request, "program.sign_in_refused", "program", _client_of(request)[:60])
    return answer


@needs(PUBLIC)
@csrf_exempt
@never_cache
@require_POST
def revoke(request: HttpRequest) -> HttpResponse:
    """End a token before its time."""
    answer: HttpResponse = allauth.revoke(request)
    return answer


@needs(PUBLIC)
@require_GET
def metadata(request: HttpRequest) -> HttpResponse:
    """What there is, for programs that look for it themselves."""
    return JsonResponse(
        {
            "issuer": request.build_absolute_uri("/").rstrip("/"),
            "token_endpoint": request.build_absolute_uri(reverse("oauth_token")),
            "revocation_endpoint": request.build_absolute_uri(reverse("oauth_revoke")),
            "grant_types_supported": [Client.GrantType.CLIENT_CREDENTIALS.value],
            "response_types_supported": [],
            "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
            "scopes_supported": list(SCOPES),
            "service_documentation": request.build_absolute_uri("/api/v1/docs"),
        }
    )


def _note(request: Asked, answer: HttpResponse) -> None:
    """Say in the audit log who got a token, and forget those of the same client that have expired."""
    now = timezone.now()
    given = AccessToken.objects.get(hash=digest_of(json.loads(answer.content)["access_token"]))
    AccessToken.objects.filter(client_id=given.client_id, expires_at__lte=now).delete()
    issued = OAuthClient.objects.select_related("program").get(client_id=given.client_id)
    OAuthClient.objects.filter(pk=issued.pk).update(last_used_at=now)
    record(
        request,
        "program.sign_in",
        "program",
        issued.program.code,
        {"client": issued.client_id, "scopes": given.get_scopes()},
    )


def _client_of(request: HttpRequest) -> str:
    """What a request says is its client."""
    stated = httpkit.extract_basic_auth(request.headers)[0]
    return stated or request.POST.get("client_id", "")


def _refused(error: str, status: int, headers: dict[str, str] | None = None) -> HttpResponse:
    return JsonResponse({"error": error}, status=status, headers=headers)
