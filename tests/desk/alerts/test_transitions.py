"""How an alert goes on: each act and what it leaves behind, maker and checker, lifting by two, and the second of two who is told."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone, translation

from daihou.desk.alerts import deadlines, transitions
from daihou.desk.alerts.choices import Act, Conclusion, Outcome, Stage
from daihou.desk.alerts.models import Alert, Bulk, Customer, File, Move, Task
from daihou.desk.alerts.policy import policy
from daihou.desk.audit.models import Entry
from daihou.desk.refusals import RefusedError, StaleError
from desk.alerts.hands import BRANCH, asked, hands, whose
from desk.alerts.made import alert as made

if TYPE_CHECKING:
    from collections.abc import Iterator

    from daihou.desk.people.models import User

NOTE = "Called the customer."


@pytest.fixture(autouse=True)
def _in_english(db: None) -> Iterator[None]:
    with translation.override("en"):
        yield


@pytest.fixture
def staff() -> dict[str, User]:
    return hands()


def alert(level: str = "orange", **values: Any) -> Alert:
    return made("C1", level, org_id=BRANCH, officer_id="W01", **values)


def said(of: Alert) -> Move:
    """The last move."""
    return of.moves.order_by("-id")[0]


def logged(action: str) -> Entry:
    return Entry.objects.filter(action=action).order_by("-id")[0]


def concluded(staff: dict[str, User], level: str = "orange", **values: Any) -> Alert:
    one = alert(level, owner=staff["wang"])
    stated: dict[str, Any] = {"conclusion": Conclusion.CONFIRMED, **values}
    return transitions.conclude(one, one.revision, stated.pop("conclusion"), NOTE, asked(staff["wang"]), **stated)


def confirmed(staff: dict[str, User]) -> Alert:
    one = concluded(staff)
    return transitions.confirm(one, one.revision, Conclusion.CONFIRMED, "orange", "", asked(staff["he"]))


def lifting(staff: dict[str, User], by: str = "wang") -> Alert:
    one = alert(stage=Stage.FOLLOW, owner=staff[by], ceased_on=dt.date(2026, 4, 1), signals_open=0)
    return transitions.propose_lift(one, one.revision, "Paid in full.", asked(staff[by]))


def test_a_check_goes_to_who_confirms_with_its_note_its_move_and_its_entry(staff: dict[str, User]) -> None:
    one = concluded(staff, level="orange")
    move = said(one)
    assert (one.stage, one.conclusion, one.proposed_level, one.revision) == ("confirm", "confirmed", "orange", 2)
    assert one.concluded_at == one.staged_at
    assert one.due_at == deadlines.of_stage("confirm", "orange", one.staged_at)
    assert (move.act, move.stage_before, move.stage_after, move.note) == ("conclude", "check", "confirm", NOTE)
    assert move.detail == {"conclusion": "confirmed", "level": "orange"}
    entry = logged("alert.conclude")
    assert (entry.actor, entry.subject_kind, entry.subject_id) == ("wang", "alert", one.number)
    assert (entry.detail["before"]["stage"], entry.detail["after"]["stage"]) == ("check", "confirm")


def test_who_checks_what_nobody_has_owns_it_from_then_on(staff: dict[str, User]) -> None:
    one = alert()
    one = transitions.conclude(one, 1, Conclusion.FALSE_ALARM, NOTE, asked(staff["wang"]))
    assert one.owner == staff["wang"]


def test_a_colour_that_anyone_decides_ends_with_its_check(staff: dict[str, User]) -> None:
    one = transitions.conclude(alert("blue"), 1, Conclusion.FALSE_ALARM, NOTE, asked(staff["wang"]))
    assert (one.stage, one.outcome, one.due_at) == ("closed", Outcome.FALSE_ALARM, None)
    assert one.closed_at == one.confirmed_at == one.concluded_at


def test_a_blue_alert_that_is_said_to_be_red_still_goes_to_somebody_else(staff: dict[str, User]) -> None:
    one = transitions.conclude(alert("blue"), 1, Conclusion.CONFIRMED, NOTE, asked(staff["wang"]), level="red")
    assert (one.stage, one.level, one.proposed_level) == ("confirm", "blue", "red")


def test_who_lowered_a_level_does_not_close_it_alone(staff: dict[str, User]) -> None:
    one = transitions.set_level(alert("orange"), 1, "blue", "Paid since.", asked(staff["he"]))
    checked = transitions.conclude(one, one.revision, Conclusion.FALSE_ALARM, NOTE, asked(staff["he"]))
    assert checked.stage == Stage.CONFIRM


def test_a_confirmed_check_goes_on_to_the_plan_with_its_level(staff: dict[str, User]) -> None:
    one = concluded(staff, level="yellow")
    one = transitions.confirm(one, one.revision, Conclusion.CONFIRMED, "orange", "Worse than that.", asked(staff["he"]))
    assert (one.stage, one.level, one.rank, one.proposed_level) == ("plan", "orange", Alert.rank_of("orange"), "")
    assert one.due_at == deadlines.of_stage("plan", "orange", one.staged_at)
    assert said(one).detail == {"conclusion": "confirmed", "level": "orange", "proposed": ["confirmed", "yellow"]}


def test_a_false_alarm_that_is_confirmed_is_closed(staff: dict[str, User]) -> None:
    one = concluded(staff, conclusion=Conclusion.FALSE_ALARM)
    one = transitions.confirm(one, one.revision, Conclusion.FALSE_ALARM, "orange", "", asked(staff["he"]))
    assert (one.stage, one.outcome, one.conclusion) == ("closed", "false_alarm", "false_alarm")


def test_who_confirms_may_say_otherwise_with_a_reason(staff: dict[str, User]) -> None:
    one = concluded(staff, conclusion=Conclusion.FALSE_ALARM)
    with pytest.raises(RefusedError, match="Say why"):
        transitions.confirm(one, one.revision, Conclusion.CONFIRMED, "orange", "", asked(staff["he"]))
    one = transitions.confirm(one, one.revision, Conclusion.CONFIRMED, "orange", "He owes it.", asked(staff["he"]))
    assert (one.stage, one.conclusion) == ("plan", "confirmed")


def test_a_duplicate_names_what_it_doubles_and_no_circle_comes_of_it(staff: dict[str, User]) -> None:
    first, second = made("C2", org_id=BRANCH, owner=staff["wang"]), alert(owner=staff["wang"])
    by = asked(staff["wang"])
    with pytest.raises(RefusedError, match="which alert"):
        transitions.conclude(second, 1, Conclusion.DUPLICATE, NOTE, by)
    with pytest.raises(RefusedError, match="its own"):
        transitions.conclude(second, 1, Conclusion.DUPLICATE, NOTE, by, duplicate_of=second)
    second = transitions.conclude(second, 1, Conclusion.DUPLICATE, NOTE, by, duplicate_of=first)
    assert second.duplicate_of == first
    assert said(second).detail["duplicate_of"] == first.number
    with pytest.raises(RefusedError, match="is said to be a duplicate itself"):
        transitions.conclude(first, 1, Conclusion.DUPLICATE, NOTE, by, duplicate_of=second)


def test_who_confirms_may_name_the_duplicate_that_the_check_missed(staff: dict[str, User]) -> None:
    first, one = made("C2", org_id=BRANCH), concluded(staff, conclusion=Conclusion.FALSE_ALARM)
    by = asked(staff["he"])
    one = transitions.confirm(one, one.revision, Conclusion.DUPLICATE, "orange", "Same event.", by, duplicate_of=first)
    assert (one.outcome, one.duplicate_of) == ("duplicate", first)


def test_what_is_confirmed_after_all_doubles_nothing(staff: dict[str, User]) -> None:
    first = made("C2", org_id=BRANCH)
    one = concluded(staff, conclusion=Conclusion.DUPLICATE, duplicate_of=first)
    one = transitions.confirm(one, one.revision, Conclusion.CONFIRMED, "orange", "Another matter.", asked(staff["he"]))
    assert (one.stage, one.duplicate_of) == ("plan", None)


def test_what_is_sent_back_is_checked_anew_and_was_first_said_when_it_was(staff: dict[str, User]) -> None:
    one = concluded(staff)
    first = one.concluded_at
    one = transitions.send_back(one, one.revision, "Visit them first.", asked(staff["he"]))
    assert (one.stage, one.conclusion, one.proposed_level) == ("check", "", "")
    one = transitions.conclude(one, one.revision, Conclusion.CONFIRMED, "Visited.", asked(staff["wang"]))
    assert (one.stage, one.concluded_at) == ("confirm", first)


def test_the_whole_way_from_check_to_the_end(staff: dict[str, User]) -> None:
    one, by = confirmed(staff), asked(staff["wang"])
    one = transitions.make_plan(one, one.revision, "Ask for collateral.", by)
    assert one.stage == Stage.ACT
    one = transitions.carry_out(one, one.revision, "The plant is mortgaged.", by)
    assert one.stage == Stage.FOLLOW
    before = one.staged_at
    one = transitions.follow_up(one, one.revision, "Money comes in again.", by)
    assert (one.stage, one.staged_at > before) == (Stage.FOLLOW, True)
    File.objects.create(
        alert=one, name="a.pdf", kind="application/pdf", size=1, digest="a" * 64, content="x", at=timezone.now(), actor=staff["wang"]
    )  # fmt: skip
    one = transitions.propose_lift(one, one.revision, "Paid three times in a row.", by)
    one = transitions.approve_lift(one, one.revision, "", asked(staff["he"]))
    assert (one.stage, one.outcome, one.conclusion) == ("closed", "lifted", "confirmed")
    assert [move.act for move in one.moves.all()] == [
        "raise", "conclude", "confirm", "plan", "carry_out", "follow_up", "propose_lift", "approve_lift"
    ]  # fmt: skip


def test_two_different_people_stand_behind_a_lifting(staff: dict[str, User]) -> None:
    one = lifting(staff, "he")
    with pytest.raises(RefusedError, match="already"):
        transitions.approve_lift(one, one.revision, "", asked(staff["he"]))
    one = transitions.approve_lift(one, one.revision, "", asked(staff["sun"]))
    assert one.outcome == Outcome.LIFTED
    assert said(one).detail == {"people": 2, "needed": policy().lift_people["orange"]}


def test_lifting_is_not_approved_once_a_signal_opened_again_without_evidence(staff: dict[str, User]) -> None:
    one = lifting(staff)
    Alert.objects.filter(pk=one.pk).update(ceased_on=None)
    one.refresh_from_db()
    with pytest.raises(RefusedError, match="evidence"):
        transitions.approve_lift(one, one.revision, "", asked(staff["he"]))


def test_a_lifting_that_is_sent_back_is_followed_and_begins_with_nobody_behind_it(staff: dict[str, User]) -> None:
    one = lifting(staff)
    one = transitions.send_back(one, one.revision, "Where is the statement?", asked(staff["he"]))
    assert one.stage == Stage.FOLLOW
    one = transitions.propose_lift(one, one.revision, "Attached now.", asked(staff["wang"]))
    assert transitions.approve_lift(one, one.revision, "", asked(staff["he"])).outcome == Outcome.LIFTED


def test_the_second_of_two_people_is_told_at_once_and_writes_nothing(staff: dict[str, User]) -> None:
    one, other = alert(), Alert.objects.get()
    transitions.claim(one, one.revision, asked(staff["wang"]))
    moves, entries = Move.objects.count(), Entry.objects.count()
    with pytest.raises(StaleError):
        transitions.claim(other, other.revision, asked(staff["li"]))
    assert (Move.objects.count(), Entry.objects.count(), Alert.objects.get().owner) == (moves, entries, staff["wang"])


def test_a_revision_that_is_not_the_newest_is_stale_even_where_the_act_is_refused_too(staff: dict[str, User]) -> None:
    one = concluded(staff)
    with pytest.raises(StaleError):
        transitions.conclude(one, one.revision - 1, Conclusion.CONFIRMED, NOTE, asked(staff["far"]))


def test_the_database_itself_lets_no_red_alert_rest(staff: dict[str, User]) -> None:
    one = alert("red", owner=staff["wang"])
    with pytest.raises(RefusedError, match="red"):
        transitions.snooze(one, 1, timezone.localdate() + dt.timedelta(1), NOTE, asked(staff["wang"]))
    with pytest.raises(IntegrityError), transaction.atomic():
        Alert.objects.filter(pk=one.pk).update(snoozed_until=timezone.localdate())


def test_an_alert_rests_until_its_day_and_is_woken_with_its_time_begun_anew(staff: dict[str, User]) -> None:
    until = timezone.localdate() + dt.timedelta(days=5)
    one = transitions.snooze(alert(), 1, until, NOTE, asked(staff["wang"]))
    assert (one.snoozed_until, one.owner, said(one).detail) == (until, staff["wang"], {"until": until.isoformat()})
    one = transitions.wake(one, one.revision, asked(staff["wang"]))
    assert one.snoozed_until is None
    assert one.due_at == deadlines.of_stage("check", "orange", one.staged_at)


def test_a_worse_level_wakes_and_is_due_sooner(staff: dict[str, User]) -> None:
    one = transitions.snooze(alert("blue"), 1, timezone.localdate() + dt.timedelta(5), NOTE, asked(staff["wang"]))
    one = transitions.set_level(one, one.revision, "red", "It got worse.", asked(staff["wang"]))
    assert (one.level, one.rank, one.snoozed_until) == ("red", 0, None)
    assert one.due_at == deadlines.of_stage("check", "red", said(one).at)
    assert (said(one).level_before, said(one).level_after) == ("blue", "red")


def test_a_level_falls_only_by_who_has_authority_for_the_colour_it_has(staff: dict[str, User]) -> None:
    one = alert("red", owner=staff["wang"])
    for name in ("wang", "he", "sun"):
        with pytest.raises(RefusedError):
            transitions.set_level(one, 1, "yellow", "Paid.", asked(staff[name]))
    due = one.due_at
    one = transitions.set_level(one, 1, "yellow", "Paid.", asked(staff["zhou"]))
    assert (one.level, one.due_at) == ("yellow", due)


def test_it_is_handed_on_taken_back_chased_and_escalated(staff: dict[str, User]) -> None:
    one = transitions.claim(alert(), 1, asked(staff["wang"]))
    one = transitions.assign(one, one.revision, staff["li"], "On leave.", asked(staff["wang"]))
    assert (one.owner, said(one).detail) == (
        staff["li"],
        {"owner": staff["li"].pk, "owner_before": staff["wang"].pk},
    )
    one = transitions.chase(one, one.revision, "Three days late.", asked(staff["he"]))
    assert one.chased_at == said(one).at
    one = transitions.escalate(one, one.revision, "Too large for us.", asked(staff["li"]))
    assert (one.escalated_org_id, said(one).detail) == ("", {"org_id": ""})
    with pytest.raises(RefusedError, match="head office already"):
        transitions.escalate(one, one.revision, "Again.", asked(staff["li"]))


def test_what_is_done_in_bulk_is_in_the_timeline_and_once_in_the_log(staff: dict[str, User]) -> None:
    one, entries = alert(owner=staff["wang"]), Entry.objects.count()
    bulk = Bulk.objects.create(actor=staff["he"], act=Act.ASSIGN, ids=[one.pk], asked_at=timezone.now())
    one = transitions.assign(one, 1, staff["li"], NOTE, asked(staff["he"]), bulk=bulk)
    assert said(one).detail["bulk"] == bulk.pk
    assert Entry.objects.count() == entries


def test_a_comment_changes_nothing_of_the_alert(staff: dict[str, User]) -> None:
    one = alert()
    made_ = transitions.comment(one, " Seen the plant. ", [staff["he"]], asked(staff["wang"]))
    one.refresh_from_db()
    assert (one.revision, made_.note, made_.detail) == (1, "Seen the plant.", {"mentions": [staff["he"].pk]})
    assert logged("alert.comment").subject_id == one.number


def test_a_task_is_begun_once_and_ended_once(staff: dict[str, User]) -> None:
    one = alert("red", owner=staff["wang"])
    task = transitions.begin_task(one, "freeze_limit", None, asked(staff["wang"]))
    assert (task.owner, task.due_at) == (staff["wang"], deadlines.of_task("freeze_limit", task.begun_at))
    with pytest.raises(RefusedError, match="begun already"):
        transitions.begin_task(one, "freeze_limit", None, asked(staff["wang"]))
    done = transitions.end_task(task, "Frozen today.", asked(staff["wang"]))
    assert (done.ended_by, done.dropped, done.note) == (staff["wang"], False, "Frozen today.")
    with pytest.raises(StaleError):
        transitions.end_task(task, "Frozen again.", asked(staff["wang"]))
    with pytest.raises(RefusedError, match="Li does not see"):
        transitions.begin_task(one, "freeze_limit", staff["li"], asked(staff["wang"]))
    again = transitions.begin_task(one, "freeze_limit", staff["sun"], asked(staff["wang"]))
    assert transitions.end_task(again, "Not needed.", asked(staff["sun"]), dropped=True).dropped
    assert [move.act for move in one.moves.all()][1:] == ["task", "task_done", "task", "task_dropped"]


def test_a_task_is_ended_after_its_alert_was_closed(staff: dict[str, User]) -> None:
    one = alert("red", owner=staff["wang"])
    task = transitions.begin_task(one, "regrade", None, asked(staff["wang"]))
    Alert.objects.filter(pk=one.pk).update(stage=Stage.CLOSED, closed_at=timezone.now(), due_at=None)
    task = Task.objects.get(pk=task.pk)
    assert transitions.end_task(task, "Graded.", asked(staff["wang"])).ended_at


def test_an_alert_raised_by_hand_is_its_raisers_and_one_is_open_at_most(staff: dict[str, User]) -> None:
    today, by = timezone.localdate(), asked(staff["wang"])
    one = transitions.raise_by_hand("C9", "other", "yellow", "The owner left the country.", whose(), by, today)
    assert (one.owner, one.source, one.stage, one.raised_on) == (staff["wang"], "hand", "check", today)
    assert (said(one).act, said(one).level_after) == ("raise", "yellow")
    with pytest.raises(RefusedError, match=one.number):
        transitions.raise_by_hand("C9", "other", "red", "The owner left the country.", whose(), by, today)
    assert Alert.objects.count() == 1


def test_nobody_raises_an_alert_on_a_borrower_out_of_reach(staff: dict[str, User]) -> None:
    with pytest.raises(RefusedError, match="outside your part"):
        transitions.raise_by_hand("C9", "other", "red", "Hearsay.", whose(), asked(staff["far"]), timezone.localdate())
    assert not Alert.objects.exists()


def test_a_customer_is_raised_by_who_handles_and_lowered_by_who_confirms(staff: dict[str, User]) -> None:
    def change(name: str, revision: int, level: str, listing: str) -> Customer:
        return transitions.set_customer("C1", revision, level, listing, "Decided today.", whose(), asked(staff[name]))

    first = change("wang", 0, "orange", "watch")
    assert (first.level, first.listing, first.revision, first.changed_by) == ("orange", "watch", 1, staff["wang"])
    with pytest.raises(StaleError):
        change("he", 0, "red", "watch")
    with pytest.raises(RefusedError, match="lowered"):
        change("wang", 1, "yellow", "watch")
    with pytest.raises(RefusedError, match="lowered"):
        change("wang", 1, "orange", "")
    with pytest.raises(RefusedError, match="already"):
        change("wang", 1, "orange", "watch")
    second = change("sun", 1, "yellow", "")
    assert (second.level, second.listing, second.revision) == ("yellow", "", 2)
    assert [(move.level_before, move.level_after) for move in second.moves.all()] == [
        ("", "orange"),
        ("orange", "yellow"),
    ]
    assert logged("customer.level").detail["before"] == {"level": "orange", "listing": "watch"}
