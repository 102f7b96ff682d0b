"""Every page of the desk. What each needs stands on its view; docs/guides/access.md lists them."""

from __future__ import annotations

from django.urls import include, path

from daihou.desk import errors, health
from daihou.desk.metrics.views import metrics
from daihou.desk.programs import oauth

urlpatterns = [
    path("api/v1/", include("daihou.api.urls")),  # first, as it is asked most; by its name, as it stands above the desk
    path("healthz", health.healthz),
    path("readyz", health.readyz),
    path("metrics", metrics),
    path("accounts/", include("allauth.account.urls")),
    path("accounts/mfa/", include("allauth.mfa.urls")),
    path("", include("daihou.desk.people.urls")),
    path(
        "", include("daihou.desk.scoring.urls")
    ),  # before those of the portfolio: an address of a borrower takes all that follows it
    path("", include("daihou.desk.portfolio.urls")),
    path("vault/", include("daihou.desk.vault.urls")),
    path("deliveries/", include("daihou.desk.deliveries.urls")),
    path("signals/", include("daihou.desk.signals.urls")),
    path("alerts/", include("daihou.desk.alerts.urls")),
    path("notices/", include("daihou.desk.notices.urls")),
    path("webhooks/", include("daihou.desk.webhooks.urls")),
    path("contacts/", include("daihou.desk.contacts.urls")),
    path("collection/", include("daihou.desk.casework.urls")),
    path("reviews/", include("daihou.desk.reviews.urls")),
    path("bureau/", include("daihou.desk.bureau.urls")),
    path("letters/", include("daihou.desk.letters.urls")),
    path("reports/", include("daihou.desk.reports.urls")),
    path("work/", include("daihou.desk.work.urls")),
    path("live/", include("daihou.desk.live.urls")),
    path("rules/", include("daihou.desk.governance.urls")),
    path("jobs/", include("daihou.desk.jobs.urls")),
    path("audit/", include("daihou.desk.audit.urls")),
    path("programs/", include("daihou.desk.programs.urls")),
    path("oauth/token", oauth.token, name="oauth_token"),
    path("oauth/revoke", oauth.revoke, name="oauth_revoke"),
    path(".well-known/oauth-authorization-server", oauth.metadata, name="oauth_metadata"),
]
handler403 = errors.forbidden
handler404 = errors.missing
handler500 = errors.fault
