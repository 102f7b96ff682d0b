"""Recording authorisations and that they were withdrawn. A row is never changed: what was wrong is withdrawn, and recorded anew."""

from __future__ import annotations

import datetime as dt
from contextlib import nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from daihou.desk.audit.log import record
from daihou.desk.bureau import scope, storing
from daihou.desk.bureau.choices import Reason
from daihou.desk.bureau.errors import UnfitError
from daihou.desk.bureau.held import lock
from daihou.desk.bureau.models import Authorisation
from daihou.desk.refusals import StaleError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from daihou.desk.asked import Asked
    from daihou.desk.files.fitness import Incoming

WHY_CHARACTERS: Final = 4
"""Fewer say nothing."""
YEARS: Final = range(1990, 2100)
DOCUMENT_MOST: Final = 120
SCANS: Final = ("application/pdf", "image/png", "image/jpeg")


@dataclass(frozen=True, slots=True)
class Given:
    """A consent as it is written in a document. Without `bureaus` it covers all."""

    document: str
    purposes: Sequence[str]
    given_at: dt.datetime
    until: dt.datetime | None = None
    bureaus: Sequence[str] | None = None


def authorise(borrower_id: str, given: Given, scan: Incoming | None, request: Asked) -> Authorisation:
    """Record a consent; UnfitError says what does not fit. 404 where the borrower lies out of reach."""
    of = scope.reached(request, borrower_id, scope.AUTHORISE)
    now = timezone.now()
    if why := _against(given, scan, now):
        raise UnfitError(why)
    beside: dict[str, Any] = {"name": scan.name, "mime": scan.kind, "digest": scan.digest} if scan else {}
    with storing.kept(borrower_id, scan) if scan else nullcontext("") as path, transaction.atomic():
        lock()
        made = Authorisation.objects.create(
            **of, borrower_id=borrower_id, document=given.document.strip(), purposes=sorted(set(given.purposes)),
            bureaus=None if given.bureaus is None else sorted(set(given.bureaus)), given_at=given.given_at, until=given.until,
            recorded_on=timezone.localdate(now), recorded_at=now, recorded_by=request.user, scan=path, **beside,
        )  # fmt: skip
        record(request, "bureau.authorise", "authorisation", made.number, _detail(made))
    return made


def revoke(authorisation: Authorisation, because: str, request: Asked) -> Authorisation:
    """Record that the person withdrew it: from now on nothing stands on it; what was asked before stays lawful. StaleError where it is withdrawn already."""
    if len(because.strip()) < WHY_CHARACTERS:
        raise UnfitError(_("Say why, in a few words."))
    now = timezone.now()
    with transaction.atomic():
        lock()  # a query that is decided on at this moment is decided before it, or knows it
        mine = Authorisation.objects.filter(pk=authorisation.pk, withdrawn_at=None)
        if not mine.update(withdrawn_at=now, withdrawn_by=request.user, withdrawn_because=because.strip()):
            raise StaleError
        record(request, "bureau.revoke", "authorisation", authorisation.number, {"borrower": authorisation.borrower_id})
    return Authorisation.objects.get(pk=authorisation.pk)


def _against(given: Given, scan: Incoming | None, now: dt.datetime) -> str:
    """What does not fit; empty where all does."""
    if not 0 < len(given.document.strip()) <= DOCUMENT_MOST:
        return _("Say in which document it is written, by its number.")
    if not given.purposes or not set(given.purposes) <= set(Reason.values):
        return _("Say for which purposes.")
    known = {one.code for one in settings.HOME.settings.bureaus}
    if given.bureaus is not None and (not given.bureaus or not set(given.bureaus) <= known):
        return _("Say which bureaus it covers, or that it covers all.")
    if given.given_at.year not in YEARS or given.given_at > now + dt.timedelta(days=366):
        return _("The day on which it was given cannot be right.")
    if given.until is not None and (given.until <= given.given_at or given.until.year not in YEARS):
        return _("It must end after it begins.")
    return _("A scan is a PDF or a picture.") if scan and scan.kind not in SCANS else ""


def _detail(made: Authorisation) -> dict[str, Any]:
    """What the audit log says of it."""
    return {
        "borrower": made.borrower_id, "document": made.document, "purposes": made.purposes, "bureaus": made.bureaus,
        "given_at": made.given_at.isoformat(), "until": made.until.isoformat() if made.until else None, "scan": made.digest,
    }  # fmt: skip
