"""How a draft goes into force: who may do what when, what is asked for before, and what is left behind."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pytest
from django.conf import settings
from django.db import IntegrityError, transaction

from daihou.desk.audit.models import Entry
from daihou.desk.governance import content, dates, guards, published, transitions
from daihou.desk.governance.models import Draft, State, Step
from daihou.desk.refusals import RefusedError, StaleError
from daihou.runs.watch import register
from daihou.warning import reading
from desk.governance.conftest import days_later, drafted, first_day, in_force, submitted, tried, whole

if TYPE_CHECKING:
    from collections.abc import Callable

    from daihou.desk.asked import Asked
    from daihou.desk.people.models import User

    By = Callable[[str], Asked]


def steps(draft: Draft) -> list[tuple[str, str, str, str]]:
    """Who did what, from where to where."""
    return [(step.actor.username, step.action, step.before, step.after) for step in draft.steps.all()]


def entries(draft: Draft) -> list[str]:
    """What the audit log says of the rule, oldest first."""
    found = Entry.objects.filter(subject_kind="rule", subject_id=draft.rule_id)
    return list(found.order_by("pk").values_list("action", flat=True))


def why(error: pytest.ExceptionInfo[RefusedError]) -> str:
    return str(error.value)


def test_a_new_rule_goes_from_its_author_by_a_reviewer_into_the_register(by: By) -> None:
    draft = submitted(by("wang"))
    assert (draft.rule_id, draft.number, draft.state) == ("R-501", 1, State.SUBMITTED)
    done = transitions.approve(draft, draft.revision, "Seen in the sample.", by("zhou"))
    assert done.state == State.PUBLISHED

    rule = published.rule("R-501")
    assert rule is not None
    assert [(one.number, one.when, one.from_on) for one in rule.versions] == [
        (1, "dpd > 10", dt.date.fromisoformat(first_day()))
    ]
    (entry,) = register.entries(settings.HOME)
    assert (entry.author, entry.reviewer, entry.note, entry.origin) == ("wang", "zhou", "Seen in the sample.", "desk")


def test_every_act_leaves_a_step_and_an_entry(by: By) -> None:
    draft = submitted(by("wang"))
    done = transitions.approve(draft, draft.revision, "", by("zhou"))
    assert steps(done) == [
        ("wang", "begin", "", "drafting"),
        ("wang", "write", "drafting", "drafting"),
        ("wang", "try", "drafting", "drafting"),
        ("wang", "submit", "drafting", "submitted"),
        ("zhou", "approve", "submitted", "approved"),
        ("zhou", "publish", "approved", "published"),
    ]
    assert entries(done) == ["rule.begin", "rule.write", "rule.try", "rule.submit", "rule.approve", "rule.publish"]
    assert Entry.objects.get(action="rule.submit").detail["text"] == done.text
    assert Step.objects.get(action="approve").text_digest == content.digest(done.text)


def test_savings_in_a_row_are_one_step_until_somebody_else_writes(by: By) -> None:
    draft = drafted(by("wang"))
    for when in ("dpd > 11", "dpd > 12"):
        draft = transitions.write(draft, draft.revision, {"when": when}, by("wang"))
    draft = transitions.write(draft, draft.revision, {"when": "dpd > 13"}, by("li"))
    assert [step[:2] for step in steps(draft)] == [("wang", "begin"), ("wang", "write"), ("li", "write")]
    assert Entry.objects.filter(action="rule.write").first().detail == {  # type: ignore[union-attr]  # there are two
        "before": {"when": "dpd > 12"}, "after": {"when": "dpd > 13"},
    }  # fmt: skip


# Maker and checker -----------------------------------------------------------------------------------------------------


def test_the_author_does_not_review(by: By) -> None:
    draft = submitted(by("wang"))
    for act in (transitions.approve, transitions.send_back):
        with pytest.raises(RefusedError, match="You wrote or submitted it yourself"):
            act(draft, draft.revision, "a note of words", by("wang"))
    assert Draft.objects.get(pk=draft.pk).state == State.SUBMITTED


def test_who_submits_does_not_review_though_somebody_else_wrote(by: By) -> None:
    draft = tried(drafted(by("wang")), by("wang"))
    draft = transitions.submit(draft, draft.revision, "The law leaves no choice.", by("zhou"))
    with pytest.raises(RefusedError, match="Somebody else reviews it"):
        transitions.approve(draft, draft.revision, "", by("zhou"))
    assert transitions.approve(draft, draft.revision, "", by("sun")).state == State.PUBLISHED


def test_who_wrote_one_word_of_it_does_not_review(by: By) -> None:
    draft = drafted(by("wang"))
    draft = transitions.write(draft, draft.revision, {"owner": "Head of credit"}, by("zhou"))
    draft = tried(draft, by("wang"))
    draft = transitions.submit(draft, draft.revision, "The law leaves no choice.", by("wang"))
    assert guards.against_reviewing(draft, by("zhou").user) != ""
    assert guards.against_reviewing(draft, by("sun").user) == ""


@pytest.mark.parametrize("checker", ["wang", "li"])
def test_the_database_itself_refuses_a_maker_as_checker(by: By, staff: dict[str, User], checker: str) -> None:
    draft = tried(drafted(by("wang")), by("wang"))
    draft = transitions.submit(draft, draft.revision, "The law leaves no choice.", by("li"))
    with pytest.raises(IntegrityError), transaction.atomic():
        Draft.objects.filter(pk=draft.pk).update(approved_by=staff[checker])
    Draft.objects.filter(pk=draft.pk).update(approved_by=staff["zhou"])


def test_the_database_refuses_an_approval_of_what_nobody_submitted(by: By, staff: dict[str, User]) -> None:
    draft = drafted(by("wang"))
    with pytest.raises(IntegrityError), transaction.atomic():
        Draft.objects.filter(pk=draft.pk).update(approved_by=staff["zhou"])


# What is asked for before review ---------------------------------------------------------------------------------------


def test_an_unfinished_draft_is_kept_but_not_submitted(by: By) -> None:
    draft = transitions.begin({}, by("wang"))
    draft = transitions.write(draft, draft.revision, {"when": "dpd >", "confirm": "twice"}, by("wang"))
    assert (draft.values["when"], draft.values["confirm"]) == ("dpd >", "twice")
    with pytest.raises(RefusedError):
        transitions.submit(draft, draft.revision, "", by("wang"))


def test_all_that_is_missing_is_named(by: By, missing: Callable[[Draft, str], list[str]]) -> None:
    draft = transitions.begin({"name_en": "A", "name_zh": "甲", "owner": "O", "when": "dpd > 3"}, by("wang"))
    assert missing(draft, "") == [
        "Message in English: Nothing is written yet.",
        "Message in Chinese: Nothing is written yet.",
        "Reason in English: Nothing is written yet.",
        "Reason in Chinese: Nothing is written yet.",
        "In force from: No day is stated.",
        "Try it on today's book as it now reads.",
        "Attach a backtest of it as it now reads, or state why there is none.",
    ]


@pytest.fixture
def missing() -> Callable[[Draft, str], list[str]]:
    """A function that says what is missing of a draft, with a reason for no backtest."""
    return lambda draft, reason: guards.against_submitting(draft, reason, dt.datetime.now(dt.UTC))


def test_a_try_and_a_backtest_or_a_reason_are_needed(by: By, missing: Callable[[Draft, str], list[str]]) -> None:
    draft = drafted(by("wang"))
    assert missing(draft, "The law leaves no choice.") == ["Try it on today's book as it now reads."]
    tried(draft, by("wang"))
    assert missing(draft, "ok") == ["Attach a backtest of it as it now reads, or state why there is none."]
    assert missing(draft, "The law leaves no choice.") == []
    transitions.attach(draft, "backtest", {}, draft.judged, by("wang"))
    assert missing(draft, "") == []


def test_a_reason_is_kept_only_where_there_is_no_backtest(by: By) -> None:
    draft = tried(drafted(by("wang")), by("wang"))
    transitions.attach(draft, "backtest", {}, draft.judged, by("wang"))
    assert transitions.submit(draft, draft.revision, "None was made.", by("wang")).without_backtest == ""
    assert submitted(by("li")).without_backtest == "The law leaves no choice."


def test_evidence_is_for_the_condition_it_was_made_with(by: By) -> None:
    draft = tried(drafted(by("wang")), by("wang"))
    draft = transitions.write(draft, draft.revision, {"when": "dpd > 11"}, by("wang"))
    assert draft.evidence("trial") is None
    assert draft.outdated("trial") is not None
    draft = transitions.write(draft, draft.revision, {"when": "dpd > 10"}, by("wang"))
    assert draft.evidence("trial") is not None, "back to the text it was made with"


@pytest.mark.parametrize("judged", [{"segment": "term_months > 3"}, {"confirm": "2"}, {"cooldown_days": "9"}, {"clear": "dpd = 0"}, {"clear_times": "2"}])  # fmt: skip
def test_whatever_decides_when_it_fires_makes_evidence_old(by: By, judged: dict[str, str]) -> None:
    draft = tried(drafted(by("wang")), by("wang"))
    assert transitions.write(draft, draft.revision, judged, by("wang")).evidence("trial") is None


@pytest.mark.parametrize(
    "other", [{"message_zh": "已逾期{dpd}。"}, {"level": "red"}, {"owner": "X"}, {"due_work_days": "1"}]
)
def test_what_does_not_decide_it_leaves_evidence_standing(by: By, other: dict[str, str]) -> None:
    draft = tried(drafted(by("wang")), by("wang"))
    assert transitions.write(draft, draft.revision, other, by("wang")).evidence("trial") is not None


def test_evidence_made_with_an_older_text_does_not_become_new(by: By) -> None:
    draft = drafted(by("wang"))
    when_started = draft.judged
    draft = transitions.write(draft, draft.revision, {"when": "dpd > 11"}, by("wang"))
    transitions.attach(draft, "backtest", {}, when_started, by("wang"))
    assert draft.evidence("backtest") is None


# Dates -----------------------------------------------------------------------------------------------------------------


def test_the_earliest_day_is_the_next_business_day() -> None:
    friday = dt.datetime(2026, 11, 27, 12, tzinfo=dt.UTC)
    assert dates.earliest(settings.HOME, friday) == dt.date(2026, 11, 30)


@pytest.mark.parametrize("field", ["from", "shadow_from"])
def test_no_version_holds_before_the_next_business_day(by: By, field: str) -> None:
    first = first_day()
    draft = tried(drafted(by("wang"), **{"from": days_later(first, 30), field: days_later(first, -1)}), by("wang"))
    with pytest.raises(RefusedError, match=f"from {first} at the earliest"):
        transitions.submit(draft, draft.revision, "The law leaves no choice.", by("wang"))


def test_shadow_alone_is_enough(by: By) -> None:
    rule_id = in_force(by("wang"), by("zhou"), **{"from": "", "shadow_from": first_day()})
    rule = published.rule(rule_id)
    assert rule is not None
    assert rule.live(dt.date.fromisoformat(first_day())) is None
    assert rule.shadow(dt.date.fromisoformat(first_day())) == rule.versions[0]


def test_what_waited_past_its_day_is_not_approved(by: By) -> None:
    draft = submitted(by("wang"))
    late = dt.datetime.now(dt.UTC) + dt.timedelta(days=20)
    assert "at the earliest" in guards.against_approving(draft, by("zhou").user, late)
    assert guards.against_returning(draft, by("zhou").user, "State a later day.") == ""


# Return, withdrawal, what is decided -----------------------------------------------------------------------------------


def test_a_return_says_what_to_change_and_the_author_writes_on(by: By) -> None:
    draft = submitted(by("wang"))
    with pytest.raises(RefusedError, match="Say what is to be changed"):
        transitions.send_back(draft, draft.revision, " no ", by("zhou"))
    back = transitions.send_back(draft, draft.revision, "Widen the segment.", by("zhou"))
    assert back.state == State.RETURNED
    again = transitions.write(back, back.revision, {"when": "dpd > 9"}, by("wang"))
    assert (again.state, again.submitted_by) == (State.DRAFTING, None)
    assert Step.objects.get(action="return").note == "Widen the segment."


def test_what_is_being_reviewed_is_not_written(by: By) -> None:
    draft = submitted(by("wang"))
    with pytest.raises(RefusedError, match="It is being reviewed"):
        transitions.write(draft, draft.revision, {"when": "dpd > 1"}, by("wang"))
    with pytest.raises(RefusedError, match="It is being reviewed"):
        transitions.submit(draft, draft.revision, "", by("wang"))


def test_nothing_is_done_to_what_is_decided(by: By) -> None:
    draft = submitted(by("wang"))
    done = transitions.approve(draft, draft.revision, "", by("zhou"))
    for act in (
        lambda: transitions.write(done, done.revision, {"when": "dpd > 1"}, by("wang")),
        lambda: transitions.withdraw(done, done.revision, "", by("wang")),
        lambda: transitions.approve(done, done.revision, "", by("sun")),
        lambda: transitions.send_back(done, done.revision, "Too late for that.", by("sun")),
        lambda: transitions.publish(done, by("sun")),
        lambda: transitions.attach(done, "backtest", {}, done.judged, by("wang")),
    ):
        with pytest.raises(RefusedError):
            act()


def test_only_what_was_submitted_is_approved(by: By) -> None:
    draft = tried(drafted(by("wang")), by("wang"))
    with pytest.raises(RefusedError, match="Only what waits for review"):
        transitions.approve(draft, draft.revision, "", by("zhou"))


def test_a_withdrawn_draft_makes_room_for_another(by: By) -> None:
    rule = published.rule("R-001")
    assert rule is not None
    day = dt.date(2026, 6, 1)
    first = transitions.begin_next(rule, by("wang"), day)
    with pytest.raises(RefusedError, match="has a draft already"):
        transitions.begin_next(rule, by("li"), day)
    assert transitions.withdraw(first, first.revision, "", by("li")).state == State.WITHDRAWN
    assert transitions.begin_next(rule, by("li"), day).number == rule.versions[-1].number + 1


def test_the_database_keeps_one_open_draft_a_rule(by: By, staff: dict[str, User]) -> None:
    draft = drafted(by("wang"))
    with pytest.raises(IntegrityError), transaction.atomic():
        Draft.objects.create(rule_id=draft.rule_id, number=1, text=draft.text, author=staff["li"], created=draft.created, changed=draft.changed)  # fmt: skip


# Two at once -----------------------------------------------------------------------------------------------------------


def test_who_saves_second_is_told_and_nothing_is_lost(by: By) -> None:
    seen = drafted(by("wang"))
    transitions.write(seen, seen.revision, {"when": "dpd > 20"}, by("wang"))
    with pytest.raises(StaleError):
        transitions.write(seen, seen.revision, {"when": "dpd > 30"}, by("li"))
    assert Draft.objects.get(pk=seen.pk).values["when"] == "dpd > 20"


def test_who_reviews_decides_on_what_they_read(by: By) -> None:
    read = submitted(by("wang"))
    back = transitions.send_back(read, read.revision, "Widen the segment.", by("zhou"))
    again = transitions.write(back, back.revision, {"when": "dpd > 9"}, by("wang"))
    tried(again, by("wang"))
    transitions.submit(again, again.revision, "The law leaves no choice.", by("wang"))
    with pytest.raises(StaleError):
        transitions.approve(Draft.objects.get(pk=read.pk), read.revision, "", by("sun"))
    assert published.rule(read.rule_id) is None


def test_of_two_reviewers_one_approves(by: By) -> None:
    draft = submitted(by("wang"))
    transitions.approve(draft, draft.revision, "", by("zhou"))
    with pytest.raises(StaleError):
        transitions.approve(draft, draft.revision, "", by("sun"))
    assert len(register.entries(settings.HOME)) == 1


def test_a_version_that_came_by_a_file_meanwhile_is_not_overwritten(by: By) -> None:
    rule_id = in_force(by("wang"), by("zhou"))
    rule = published.rule(rule_id)
    assert rule is not None
    draft = transitions.begin_next(rule, by("wang"), dt.date.fromisoformat(first_day()))
    draft = transitions.write(draft, draft.revision, whole(when="dpd > 40"), by("wang"))
    tried(draft, by("wang"))
    draft = transitions.submit(draft, draft.revision, "The law leaves no choice.", by("wang"))
    other = content.text_of({**draft.values, "when": "dpd > 50"})
    register.publish(
        settings.HOME, reading.rules(other, "file"), author="x", reviewer="y", note="", recorded_on=dt.date(2026, 1, 1), origin="file"
    )  # fmt: skip
    with pytest.raises(RefusedError, match="Version 2 was published meanwhile"):
        transitions.approve(draft, draft.revision, "", by("zhou"))
    back = transitions.send_back(draft, draft.revision, "Number it anew.", by("zhou"))
    assert transitions.write(back, back.revision, {"when": "dpd > 41"}, by("wang")).number == 3


def test_what_could_not_be_written_stays_approved_and_is_published_later(by: By) -> None:
    draft = submitted(by("wang"))
    blocked = settings.HOME.path / "rules.lock"
    blocked.unlink(missing_ok=True)
    blocked.mkdir()  # the register cannot be locked, so it cannot be written
    try:
        with pytest.raises(OSError, match=r"rules\.lock"):
            transitions.approve(draft, draft.revision, "Good.", by("zhou"))
    finally:
        blocked.rmdir()
    kept = Draft.objects.get(pk=draft.pk)
    assert kept.state == State.APPROVED
    assert transitions.publish(kept, by("sun")).state == State.PUBLISHED
    (entry,) = register.entries(settings.HOME)
    assert (entry.reviewer, entry.note) == ("zhou", "Good.")


# Retirement ------------------------------------------------------------------------------------------------------------


def test_a_rule_is_ended_by_a_version_that_goes_the_same_way(by: By) -> None:
    day = dt.date.fromisoformat(first_day())
    rule = published.rule("R-001")
    assert rule is not None
    draft = transitions.begin_retirement(rule, by("wang"), day)
    assert draft.retires
    reasons = {"from": first_day(), "reason_en": "R-002 says the same.", "reason_zh": "与R-002重复。"}
    draft = transitions.write(draft, draft.revision, reasons, by("wang"))
    draft = transitions.submit(draft, draft.revision, "", by("wang"))
    with pytest.raises(RefusedError, match="yourself"):
        transitions.approve(draft, draft.revision, "", by("wang"))
    transitions.approve(draft, draft.revision, "", by("zhou"))
    ended = published.rule("R-001")
    assert ended is not None
    live = ended.live(day)
    assert live is not None
    assert live.retired
    assert guards.against_retiring("R-001", day) == "The rule has ended already."


def test_only_what_is_in_force_is_ended(by: By) -> None:
    rule_id = in_force(by("wang"), by("zhou"), **{"from": "", "shadow_from": first_day()})
    assert (
        guards.against_retiring(rule_id, dt.date.fromisoformat(first_day()))
        == "The rule is not in force, so there is nothing to end."
    )
