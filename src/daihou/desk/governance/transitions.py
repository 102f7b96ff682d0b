"""How a draft goes from one state to the next. Each act is one conditional update: where it changes no row, somebody else was first.

Every act leaves a Step and an entry of the audit log. Who reviews approves, and with that the version is published with the dates that
the draft states: a bank asks for two people, not for three.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from daihou.desk.audit.log import record
from daihou.desk.governance import checks, content, dates, guards, published
from daihou.desk.governance.models import Act, Attachment, Draft, State, Step
from daihou.desk.refusals import RefusedError, StaleError, refuse

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping

    from daihou.desk.asked import Asked
    from daihou.warning.rule import Rule, Version


def begin(values: Mapping[str, Any], request: Asked) -> Draft:
    """Begin the first version of a new rule, under the next free id."""
    now = timezone.now()
    with transaction.atomic():
        rule_id = str(values.get("id") or published.next_id())
        refuse(guards.against_beginning(rule_id))
        return _begun(request, {**values, "id": rule_id}, now)


def begin_next(rule: Rule, request: Asked, day: dt.date) -> Draft:
    """Begin the next version of a rule from the live one, or the newest; dates are stated anew."""
    source = rule.live(day) or rule.versions[-1]
    now = timezone.now()
    with transaction.atomic():
        refuse(guards.against_beginning(rule.id))
        return _begun(request, {**_values(rule, source), "from": "", "shadow_from": "", "retired": False}, now)


def begin_retirement(rule: Rule, request: Asked, day: dt.date) -> Draft:
    """Begin the version that ends a rule; its condition is that of the live one."""
    now = timezone.now()
    with transaction.atomic():
        refuse(guards.against_retiring(rule.id, day))
        live = rule.live(day)
        assert live is not None  # noqa: S101 - the guard has found one
        values = {
            **_values(rule, live),
            "from": "",
            "shadow_from": "",
            "retired": True,
            "reason_en": "",
            "reason_zh": "",
        }
        return _begun(request, values, now)


def write(draft: Draft, revision: int, values: Mapping[str, Any], request: Asked, *, over: bool = False) -> Draft:
    """Keep what was typed, right or not yet; StaleError where the draft is not as it was when this was typed.

    The number follows the newest version published. Of several savings in a row by one person the first leaves a Step and an entry;
    what was written is in the entry of the submission. What is written over somebody's text (`over`) is always in an entry of its own.
    """
    _seen(draft, revision)
    refuse(guards.against_writing(draft))
    newest = published.newest(draft.rule_id)
    given = {**draft.values, **values, "id": draft.rule_id, "number": newest + 1, "retired": draft.retires}
    text = content.text_of(given)
    if text == draft.text and draft.revision == revision:
        return draft
    with transaction.atomic():
        moved = _moved(
            draft, revision, State.DRAFTING, text=text, number=newest + 1, based_on=newest or None, submitted_by=None
        )
        last = draft.steps.order_by("-id").first()
        if over or last is None or (last.action, last.actor_id) != (Act.WRITE, request.user.pk):
            _step(moved, Act.WRITE, draft.state, request)
            record(request, "rule.write", "rule", draft.rule_id, _changes(draft.values, moved.values))
    return moved


def attach(draft: Draft, kind: str, result: Mapping[str, Any], judged: str, request: Asked) -> Attachment:
    """Keep evidence beside the draft: what came out, and `Draft.judged` of the text it was made with."""
    tried = kind == Attachment.Kind.TRIAL
    refuse(guards.against_withdrawing(draft))
    with transaction.atomic():
        made = Attachment.objects.create(
            draft=draft, kind=kind, result=dict(result), at=timezone.now(), actor=request.user, judged=judged
        )
        _step(draft, Act.TRY if tried else Act.ATTACH, draft.state, request)
        detail = {"version": draft.number, "kind": kind, "judged": judged}
        record(request, "rule.try" if tried else "rule.attach", "rule", draft.rule_id, detail)
    return made


def submit(draft: Draft, revision: int, without_backtest: str, request: Asked) -> Draft:
    """Ask for review of the text as it stands, once everything that is asked for is there."""
    _seen(draft, revision)
    for missing in guards.against_submitting(draft, without_backtest, timezone.now()):
        raise RefusedError(missing)
    reason = "" if draft.evidence(Attachment.Kind.BACKTEST) else without_backtest.strip()
    with transaction.atomic():
        moved = _moved(draft, revision, State.SUBMITTED, submitted_by=request.user, without_backtest=reason)
        _step(moved, Act.SUBMIT, draft.state, request, reason)
        detail = {"version": moved.number, "text": moved.text, "without_backtest": reason}
        record(request, "rule.submit", "rule", draft.rule_id, {**_states(draft, moved), **detail})
    return moved


def send_back(draft: Draft, revision: int, note: str, request: Asked) -> Draft:
    """Return it to its author with what is to be changed."""
    _seen(draft, revision)
    refuse(guards.against_returning(draft, request.user, note))
    with transaction.atomic():
        moved = _moved(draft, revision, State.RETURNED, approved_by=None)
        _step(moved, Act.RETURN, draft.state, request, note.strip())
        detail = {"version": moved.number, "note": note.strip()}
        record(request, "rule.return", "rule", draft.rule_id, {**_states(draft, moved), **detail})
    return moved


def approve(draft: Draft, revision: int, note: str, request: Asked) -> Draft:
    """Approve the text as it was read, and publish it. Where the register cannot be written, it stays approved, to be published again."""
    _seen(draft, revision)
    refuse(guards.against_approving(draft, request.user, timezone.now()))
    with transaction.atomic():
        moved = _moved(draft, revision, State.APPROVED, approved_by=request.user)
        _step(moved, Act.APPROVE, draft.state, request, note.strip())
        detail = {"version": moved.number, "text_digest": content.digest(moved.text), "note": note.strip()}
        record(request, "rule.approve", "rule", draft.rule_id, {**_states(draft, moved), **detail})
    return publish(moved, request)


def publish(draft: Draft, request: Asked) -> Draft:
    """Write an approved version to the register; done twice, it is written once."""
    now = timezone.now()
    refuse(guards.against_publishing(draft, request.user, now))
    rule = checks.rule_of(draft.text)
    approval = draft.steps.filter(action=Act.APPROVE).last()
    published.publish(
        rule,
        author=draft.author.username,
        reviewer=draft.approved_by.username if draft.approved_by else request.user.username,
        note=approval.note if approval else "",
        day=dates.today(settings.HOME, now),
    )
    with transaction.atomic():
        moved = _moved(draft, draft.revision, State.PUBLISHED)
        _step(moved, Act.PUBLISH, draft.state, request)
        (version,) = rule.versions
        detail = {
            "version": version.number,
            "from": version.from_on.isoformat() if version.from_on else None,
            "shadow_from": version.shadow_from.isoformat() if version.shadow_from else None,
            "text_digest": content.digest(moved.text),
        }
        record(request, "rule.publish", "rule", draft.rule_id, {**_states(draft, moved), **detail})
    return moved


def withdraw(draft: Draft, revision: int, note: str, request: Asked) -> Draft:
    """Give a draft up. It stays readable with its steps; the rule can have another."""
    _seen(draft, revision)
    refuse(guards.against_withdrawing(draft))
    with transaction.atomic():
        moved = _moved(draft, revision, State.WITHDRAWN)
        _step(moved, Act.WITHDRAW, draft.state, request, note.strip())
        detail = {"version": moved.number, "note": note.strip()}
        record(request, "rule.withdraw", "rule", draft.rule_id, {**_states(draft, moved), **detail})
    return moved


def _begun(request: Asked, values: Mapping[str, Any], now: dt.datetime) -> Draft:
    rule_id = values["id"]
    newest = published.newest(rule_id)
    text = content.text_of({**values, "number": newest + 1})
    try:
        with transaction.atomic():
            draft = Draft.objects.create(
                rule_id=rule_id,
                number=newest + 1,
                based_on=newest or None,
                text=text,
                author=request.user,
                created=now,
                changed=now,
            )
    except IntegrityError as error:
        raise RefusedError(_("The rule has a draft already. Go on with it, or withdraw it first.")) from error
    _step(draft, Act.BEGIN, "", request)
    detail = {"version": draft.number, "retires": draft.retires, "text": text}
    record(request, "rule.begin", "rule", rule_id, detail)
    return draft


def _seen(draft: Draft, revision: int) -> None:
    """StaleError where the draft is not as it was looked at: then no other reason counts."""
    if not Draft.objects.filter(pk=draft.pk, revision=revision, state=draft.state).exists():
        raise StaleError


def _moved(draft: Draft, revision: int, state: State, **changes: Any) -> Draft:
    """The draft in its next state, if it still stands as it was looked at."""
    seen = Draft.objects.filter(pk=draft.pk, revision=revision, state=draft.state)
    if not seen.update(state=state, revision=revision + 1, changed=timezone.now(), **changes):
        raise StaleError
    return Draft.objects.get(pk=draft.pk)


def _step(draft: Draft, act: Act, before: str, request: Asked, note: str = "") -> None:
    Step.objects.create(
        draft=draft,
        at=timezone.now(),
        actor=request.user,
        action=act,
        before=before,
        after=draft.state,
        note=note,
        text_digest=content.digest(draft.text),
    )


def _values(rule: Rule, version: Version) -> dict[str, Any]:
    return content.values_of(content.text_of_version(rule, version))


def _states(before: Draft, after: Draft) -> dict[str, Any]:
    return {"before": {"state": before.state}, "after": {"state": after.state}}


def _changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Any]:
    changed = [name for name in after if before.get(name) != after[name]]
    return {"before": {name: before.get(name) for name in changed}, "after": {name: after[name] for name in changed}}
