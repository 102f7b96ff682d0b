"""The day's sample of contacts whose quality is looked at: drawn so that nobody can choose, judged by the criteria of policy, told to the collector.

A contact's place in the draw is a keyed hash of the day and its number: the same for whoever draws, known to nobody before, and in nobody's hand.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass
from fractions import Fraction
from math import ceil
from typing import TYPE_CHECKING, Any, Final

from django.db import transaction
from django.db.models import Count, Q
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from daihou.desk.audit.log import record
from daihou.desk.casework import guards
from daihou.desk.casework.models import Case, Sample
from daihou.desk.casework.policy import policy
from daihou.desk.contacts.choices import Channel, Outcome
from daihou.desk.contacts.models import Contact
from daihou.desk.refusals import RefusedError, StaleError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from django.db.models import QuerySet

    from daihou.desk.asked import Asked
    from daihou.desk.people.models import User
    from daihou.desk.people.reach import Access
    from daihou.policies.collection import Criterion

SPOKEN: Final = (Outcome.CONVERSATION, Outcome.THIRD_PARTY, Outcome.REFUSED)
"""Contacts in which something was said: nothing else can be listened to."""
BY_VOICE: Final = (Channel.PHONE, Channel.VISIT)
SALT: Final = "daihou.desk.casework.sampling"


@dataclass(frozen=True, slots=True)
class Drawn:
    """What a draw came to: contacts of the day that were spoken, and samples that are new."""

    day: dt.date
    contacts: int
    samples: int


def place(day: dt.date, contact_id: int) -> str:
    """The place of a contact in the draw of a day; the smallest are drawn."""
    return salted_hmac(SALT, f"{day.isoformat()} {contact_id}", algorithm="sha256").hexdigest()


def chosen(day: dt.date, contacts: Iterable[tuple[int, int]], share: float) -> list[int]:
    """Of contacts (number, collector) of a day those that are drawn: of each collector the share of policy, rounded up, one at least."""
    of: dict[int, list[int]] = defaultdict(list)
    for contact, collector in contacts:
        of[collector].append(contact)
    exact = Fraction(str(share))
    drawn = []
    for mine in of.values():
        mine.sort(key=lambda contact: place(day, contact))
        drawn += mine[: max(ceil(exact * len(mine)), 1)]
    return sorted(drawn)


def draw(day: dt.date, request: Asked | None, orgs: frozenset[str] | None, now: dt.datetime) -> Drawn:
    """Draw the sample of a day that is over, of cases of some orgs (None: of all). Drawn again, it adds only what came to be known since.

    Who draws and when changes nothing: of each collector the same contacts are drawn.
    """
    if day >= timezone.localtime(now).date():
        raise RefusedError(_("The day is not over yet."))
    begins, ends = (
        timezone.make_aware(dt.datetime.combine(each, dt.time())) for each in (day, day + dt.timedelta(days=1))
    )
    spoken = Contact.objects.filter(
        at__gte=begins,
        at__lt=ends,
        channel__in=BY_VOICE,
        outcome__in=SPOKEN,
        actor__isnull=False,
        case_id__isnull=False,
    ).order_by()
    rows: list[tuple[Any, ...]] = list(spoken.values_list("pk", "actor_id", "case_id"))
    places = _orgs({case for _contact, _actor, case in rows})
    share = policy(day).sample_share
    whose = {contact: (actor, places.get(case, "")) for contact, actor, case in rows}
    drawn = chosen(day, ((contact, actor) for contact, (actor, _org) in whose.items()), share)
    mine = [contact for contact in drawn if orgs is None or whose[contact][1] in orgs]
    with transaction.atomic():
        held = set(Sample.objects.filter(contact_id__in=mine).values_list("contact_id", flat=True))
        fresh = [contact for contact in mine if contact not in held]
        Sample.objects.bulk_create(
            (
                Sample(contact_id=contact, collector_id=whose[contact][0], org_id=whose[contact][1], drawn_at=now)
                for contact in fresh
            ),
            ignore_conflicts=True,
        )
        if fresh:
            record(request, "quality.draw", "date", day.isoformat(), {"contacts": len(rows), "samples": fresh})
    return Drawn(day, len(rows), len(fresh))


def seen(user: User, rights: Access) -> QuerySet[Sample]:
    """Samples that somebody sees: of the orgs they manage, all; of their own contacts, those that were looked at."""
    own = Q(collector=user.pk, looked_at__isnull=False)
    return Sample.objects.filter(own | _managed(rights))


def managed(rights: Access) -> QuerySet[Sample]:
    """Samples that somebody may judge as far as orgs go."""
    return Sample.objects.filter(_managed(rights))


def against_judging(sample: Sample, user: User, rights: Access) -> str:
    """Who manages its org judges it, once, and never their own contact."""
    if not managed(rights).filter(pk=sample.pk).exists():
        return _("Your role does not reach this case for that.")
    if sample.collector_id == user.pk:
        return _("It is your own contact. Somebody else looks at it.")
    return _("It was looked at already.") if sample.looked_at is not None else ""


def judge(sample: Sample, points: Mapping[str, bool], finding: str, request: Asked, now: dt.datetime) -> Sample:
    """Write down what was seen: for every criterion of policy whether it is met, and the finding in words where one is not."""
    refused = against_judging(sample, request.user, request.rights)
    wanted = criteria(sample)
    if not refused and set(points) != {one.code for one in wanted}:
        refused = _("Say of each point whether it is met.")
    if not refused and not all(points.values()) and len(finding.strip()) < guards.NOTE_CHARACTERS:
        refused = _("Say what was wrong, in a few words.")
    if refused:
        raise RefusedError(refused)
    told = {code: bool(points[code]) for code in points}
    with transaction.atomic():
        waiting = Sample.objects.filter(pk=sample.pk, looked_at=None)
        if not waiting.update(looked_at=now, looked_by=request.user, points=told, finding=finding.strip()):
            raise StaleError
        record(request, "quality.judge", "contact", str(sample.contact_id), {"sample": sample.pk, "points": told})
    return Sample.objects.select_related("collector", "looked_by").get(pk=sample.pk)


def criteria(sample: Sample) -> Sequence[Criterion]:
    """What is looked at: the criteria that held on the day the sample was drawn."""
    return policy(timezone.localtime(sample.drawn_at).date()).criteria


def verdict(sample: Sample, wanted: Sequence[Criterion]) -> str:
    """`waiting`, `failed` (a grave point is missed), `minor` (another is), `passed`."""
    if sample.looked_at is None:
        return "waiting"
    missed = [one for one in wanted if sample.points.get(one.code) is False]
    return "failed" if any(one.grave for one in missed) else "minor" if missed else "passed"


def counts(samples: QuerySet[Sample]) -> Mapping[str, int]:
    """How many wait, and how many were looked at."""
    told = samples.order_by().aggregate(all=Count("pk"), looked=Count("looked_at"))
    return {"waiting": told["all"] - told["looked"], "looked": told["looked"]}


def _managed(rights: Access) -> Q:
    if not rights.may("collection.manage"):
        return Q(pk__in=())
    reached = rights.reach("collection.manage").org_ids
    return ~Q(pk__in=()) if reached is None else Q(org_id__in=sorted(reached))


def _orgs(cases: set[int]) -> dict[int, str]:
    """The org of each case."""
    found: dict[int, str] = {}
    asked = sorted(cases)
    for first in range(0, len(asked), 1_000):
        part = Case.objects.filter(pk__in=asked[first : first + 1_000]).order_by()
        found |= dict(part.values_list("pk", "org_id"))
    return found
