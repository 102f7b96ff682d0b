"""The demo's collection: days gone by are lived through with their own clock and their own knowledge, and what came of them is judged by the ledger.

Cases are opened by the run before the last, worked for some days, and brought up to the last run: so some promises of then are kept and some broken.
Then days of this week are worked, and the lists of today wait.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from daihou.cli.demo_calls import Turn, call, work
from daihou.cli.demo_handling import asked
from daihou.desk.people.roles import Role

if TYPE_CHECKING:
    from collections.abc import Sequence

    from daihou.cli.demo_handling import Text
    from daihou.demo.staff import Member
    from daihou.desk.casework.models import Case
    from daihou.desk.people.models import User

DAYS_AFTER: Final = (2, 8, 15)
"""Days after the run before the last on which the lists were worked: early enough for promises to fall due before the last run."""
DAYS_BEFORE: Final = 3
"""So many days ago they were worked once more: some of what was promised then is due today."""
PROMISES: Final[Text] = ("Will pay after the wages come in.", "客户称工资发放后还款。")
BEFORE: Final = (
    Turn("conversation", "promise", note=PROMISES),
    Turn("no_answer"),
    Turn("conversation", "promise", note=("Forgot the due date, pays this week.", "客户忘记还款日，承诺本周内还款。")),
    Turn("busy"),
    Turn("conversation", "promise"),
    Turn("conversation", "refuses", note=("Says that the shop has closed.", "客户称门店已停业，暂无还款来源。")),
    Turn("conversation", "promise", note=("The customer's customer pays late.", "货款未回笼，承诺到账后归还。")),
    Turn("no_answer"),
    Turn("conversation", "call_back", note=("In a meeting, asks for a call tomorrow.", "客户开会，约定次日再联系。")),
    Turn("conversation", "promise"),
    Turn("voicemail"),
    Turn("conversation", "promise", note=PROMISES),
)
"""What the calls of a day came to, in the order of the list."""
DISPUTES: Final = Turn(
    "conversation",
    "dispute",
    note=("Says that a payment was not booked; sends the slip.", "客户称有一笔还款未入账，将提供回单。"),
)
HARD: Final = Turn(
    "conversation", "hardship", note=("Lost the job in the spring, looks for another.", "客户今春失业，正在求职。")
)
STOPS: Final = Turn(
    "conversation",
    stop="number",
    note=("This is the phone of the family; use the other one.", "该号码为家人使用，要求不再拨打。"),
)
YESTERDAY: Final = (
    *BEFORE[:4],
    DISPUTES,
    Turn("conversation", "paid", note=("Paid at the counter this morning.", "客户称今早已在柜面还款。")),
    HARD,
    *BEFORE[8:11],
    STOPS,
    *BEFORE[4:8],
)
LATE: Final = dt.time(22, 10)
"""When somebody tried once more, and was refused."""
ANEW: Final = dt.time(16, 30)
GIVEN_AWAY: Final = 6
"""Cases that an agency has."""
AGENCY: Final = ("AG-01", ("Hengxin Collection Services", "恒信资产服务有限公司"))
REVIEWED_DAYS: Final = 120
GIVEN: Final[Text] = (
    "Three months without a payment; contract of this year.",
    "连续三个月未还款，按本年度委外合同移交。",
)
COMPLAINT: Final[Text] = (
    "Was called at work although another number was agreed on.",
    "客户反映已约定其他号码，仍拨打其单位电话。",
)
PAPERS: Final[Text] = ("Notice of dismissal and three bank statements were seen.", "已核对离职证明及近三个月银行流水。")
LASTS_DAYS: Final = 150
MONTHS: Final = 6
"""In so many months the arrears can be paid by what is left, beside what falls due."""
LEAST: Final = 100_000
"""Minor units that are left a month at least."""
PLAN: Final[Text] = (
    "What the household has left a month, until the arrears are paid.",
    "按家庭每月可支配余额分期归还逾期款。",
)
FOUND: Final[Text] = ("Did not name the amount that was due on the day.", "未告知客户当日应还金额。")


@dataclass(frozen=True, slots=True)
class Collection:
    """What the desk has of it."""

    cases: int
    listed: int
    contacts: int
    refused: int
    kept: int
    broken: int


def live(
    members: Sequence[Member], runs: Sequence[dt.date], now: dt.datetime, *, told: bool, chinese: bool
) -> Collection:
    """Live through it until a moment. `runs` are the dates of the runs; `told`: whether anybody is in the vault, so that there is somebody to call."""
    from django.utils import timezone

    from daihou.desk.casework import following, lists, promises
    from daihou.desk.people.models import User

    users = User.objects.in_bulk([member.username for member in members], field_name="username")
    collectors = [users[one.username] for one in members if one.role == Role.COLLECTOR]
    today = timezone.localdate(now)
    if told and len(runs) > 1:
        for after in DAYS_AFTER:
            _day(runs[-2] + dt.timedelta(days=after), collectors, BEFORE, runs[-2], chinese=chinese)
    morning = _at(min(runs[-1] + dt.timedelta(days=1), today), dt.time(6))
    following.follow(morning)
    promises.judge_all(morning)
    if told:
        yesterday = today - dt.timedelta(days=1)
        _day(today - dt.timedelta(days=DAYS_BEFORE), collectors, BEFORE, None, chinese=chinese)
        worked = _day(yesterday, collectors, YESTERDAY, None, chinese=chinese)
        _refused(worked, collectors, yesterday, chinese=chinese)
        managers = {one.org_id: users[one.username] for one in members if one.role == Role.MANAGER}
        _manage(
            collectors[0],
            next((user for org, user in managers.items() if org), managers[""]),
            yesterday,
            now,
            chinese=chinese,
        )
    lists.make(today, _at(today, dt.time(7)))
    return _counted(today)


def _at(day: dt.date, at: dt.time) -> dt.datetime:
    from django.utils import timezone

    return timezone.make_aware(dt.datetime.combine(day, at))


def _day(
    day: dt.date, collectors: Sequence[User], turns: Sequence[Turn], by: dt.date | None, *, chinese: bool
) -> dict[int, dict[Turn, int]]:
    """A day: cases by the last run that was known, lists made in the morning, and worked; by collector, the case of each turn."""
    from daihou.desk.casework import following, lists

    if by is not None:
        following.follow(_at(by + dt.timedelta(days=1), dt.time(6)), by=by)
    lists.make(day, _at(day, dt.time(7)))
    return {
        one.pk: {turn: contact.case_id for turn, contact in work(one, day, turns, chinese=chinese) if contact.case_id}
        for one in collectors
    }


def _refused(worked: dict[int, dict[Turn, int]], collectors: Sequence[User], day: dt.date, *, chinese: bool) -> None:
    """What was tried and refused: while a debt is disputed, after a number was taken off, in hardship, and late in the evening."""
    for collector in collectors:
        for turn, at in ((DISPUTES, ANEW), (STOPS, ANEW), (HARD, ANEW), (BEFORE[1], LATE)):
            case = worked[collector.pk].get(turn)
            if case is not None:
                call(case, collector, Turn("no_answer"), _at(day, at), chinese=chinese)


def _manage(collector: User, manager: User, yesterday: dt.date, now: dt.datetime, *, chinese: bool) -> None:
    """What is done beside the calls: an agency, a plan for a household in hardship, a complaint, and the look at quality."""
    from daihou.desk.casework.models import OPEN, Case

    oldest = Case.objects.filter(OPEN, owner=collector, rank__gte=6).order_by("-rank", "-claim", "pk")
    _give_away(list(oldest.select_related("owner", "agency")[:GIVEN_AWAY]), manager, yesterday, chinese=chinese)
    _plan(collector, now, chinese=chinese)
    _complain(collector, manager, yesterday, now, chinese=chinese)
    _look(yesterday, manager, now, chinese=chinese)


def _give_away(cases: Sequence[Case], manager: User, day: dt.date, *, chinese: bool) -> None:
    from daihou.desk.casework import agencies, transitions

    by = asked(manager)
    code, name = AGENCY
    agency = agencies.review(agencies.enter(code, name[chinese], by), day - dt.timedelta(days=REVIEWED_DAYS), day, by)
    for case in cases:
        transitions.to_agency(case, case.revision, agency, GIVEN[chinese], by)


def _plan(collector: User, now: dt.datetime, *, chinese: bool) -> None:
    """The first debtor in hardship is assessed, and a plan within what is left waits for approval."""
    from django.utils import timezone

    from daihou.desk.casework import arranging, claimed, hardship
    from daihou.desk.casework.models import Case
    from daihou.desk.casework.policy import policy
    from daihou.desk.casework.terms import Stated
    from daihou.desk.contacts.models import Contact

    spoke = Contact.objects.filter(actor=collector, said="hardship").order_by("-at").first()
    case = Case.objects.filter(pk=spoke.case_id or 0, closed_at=None).first() if spoke else None
    if case is None:
        return
    today, by = timezone.localdate(now), asked(collector)
    loans = tuple(case.of_loans.filter(currency=case.currency).values_list("loan_id", flat=True))
    basis = claimed.claimed(
        loans, case.currency, today, today + dt.timedelta(days=policy(today).approvals.longest_days)
    ).basis
    left = max(basis.first.total // MONTHS + max((amount for _day, amount in basis.falls()), default=0), LEAST)
    lasts = today + dt.timedelta(days=LASTS_DAYS)
    assessed = hardship.Assessed("job", case.currency, 2 * left, left, 0, lasts, PAPERS[chinese])
    made = hardship.enter(case, assessed, by, today)
    terms = hardship.proposed(made, "instalments", basis, today) or hardship.proposed(made, "extension", basis, today)
    if terms is not None:
        case.refresh_from_db()
        draft = arranging.draft(case, Stated(terms.kind, loans, terms, PLAN[chinese], ()), case.currency, by)
        arranging.submit(draft, draft.revision, "", by, today, known=True)


def _complain(collector: User, manager: User, day: dt.date, now: dt.datetime, *, chinese: bool) -> None:
    from daihou.desk.casework import complaining
    from daihou.desk.casework.models import Case
    from daihou.desk.contacts.models import Contact

    spoke = Contact.objects.filter(actor=collector, outcome="conversation", at__gte=_at(day, dt.time()))
    contact = spoke.filter(said="refuses").order_by("-at").first() or spoke.order_by("-at").first()
    if contact is None:
        return
    case = Case.objects.get(pk=contact.case_id or 0)
    made = complaining.enter(
        case, "hotline", COMPLAINT[chinese], min(_at(day, dt.time(15)), now), contact.pk, asked(collector)
    )
    complaining.own(made, manager, asked(manager))


def _look(day: dt.date, manager: User, now: dt.datetime, *, chinese: bool) -> None:
    """The sample of yesterday is drawn, and the first contact of it judged."""
    from daihou.desk.casework import sampling

    by = asked(manager)
    sampling.draw(day, by, by.rights.reach("collection.manage").org_ids, now)
    for sample in sampling.managed(by.rights).filter(looked_at=None).order_by("pk")[:1]:
        points = {one.code: one.code != "figures" for one in sampling.criteria(sample)}
        sampling.judge(sample, points, FOUND[chinese], by, now)


def _counted(today: dt.date) -> Collection:
    from daihou.desk.casework.models import OPEN, Case, Promise, Row
    from daihou.desk.contacts.models import Contact, Refusal

    states = list(Promise.objects.order_by().values_list("state", flat=True))
    return Collection(
        Case.objects.filter(OPEN).count(), Row.objects.filter(day=today).count(), Contact.objects.count(),
        Refusal.objects.filter(place=0).count(), states.count("kept") + states.count("late"), states.count("broken") + states.count("partly"),
    )  # fmt: skip
