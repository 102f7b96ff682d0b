"""How alerts are worked on in a demonstration: through the very transitions that the pages call, as people who may do each act."""

from __future__ import annotations

import hashlib
import io
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from daihou.desk.alerts.models import Alert
    from daihou.desk.asked import Asked
    from daihou.desk.people.models import User

Text = tuple[str, str]

FOUND: Final[dict[str, Text]] = {
    "confirmed": (
        "Spoke with the customer and went through the account: what the rule found is so.",
        "已与客户面谈并核对账户流水，规则所示情况属实。",
    ),
    "false_alarm": (
        "A single event with a known cause, settled since; nothing endangers repayment.",
        "经核实系一次性事项，原因清楚且已消除，不影响还款。",
    ),
    "data_error": (
        "The source system delivered it wrongly and has corrected it.",
        "源系统报送有误，已在源系统更正，待下次跑批核对。",
    ),
}
"""What a check found, in English and Chinese."""
AGREED: Final[Text] = ("Agreed: the check holds.", "同意核查结论。")
PLAN: Final[Text] = (
    "Two payments agreed by the end of next month; until then no further drawing.",
    "已与客户约定下月底前分两次归还，期间停止支用剩余额度。",
)
DONE: Final[Text] = (
    "The first payment came in; the collateral was seen on site.",
    "首笔款项已到账，已现场查看抵押物，状况正常。",
)
MAY_END: Final[Text] = (
    "Paid as agreed and the account turns over as before; the statement is attached.",
    "已按约还款，账户往来恢复正常，附流水核对表。",
)
RESTS: Final[Text] = (
    "The customer is paid after the harvest; looked at again then.",
    "客户须待货款回笼，约定届时复核。",
)
EVIDENCE: Final[Text] = ("account-statement.txt", "流水核对表.txt")


@dataclass(frozen=True, slots=True)
class Hands:
    """Who works on an alert: its owner, and somebody of head office who decides; and whether they write Chinese."""

    owner: User
    decider: User
    chinese: bool

    def says(self, text: Text) -> str:
        """A text in the language in which they write."""
        return text[self.chinese]


def asked(user: User) -> Asked:
    """A request of somebody who did not come by a page."""
    from daihou.desk.asked import Asked
    from daihou.desk.people.reach import Access

    request = Asked()
    request.user, request.id, request.rights = user, "demo", Access(user)
    return request


def advance(alert: Alert, stage: str, hands: Hands, conclusion: str = "confirmed") -> Alert:
    """The alert at a stage, or closed, brought there from its first stage step by step."""
    from daihou.desk.alerts import transitions
    from daihou.desk.alerts.choices import Stage

    if alert.owner_id != hands.owner.pk:
        alert = transitions.assign(alert, alert.revision, hands.owner, "", asked(hands.decider))
    while alert.stage != stage and alert.open:
        by = asked(hands.decider if alert.stage in (Stage.CONFIRM, Stage.LIFT) else hands.owner)
        alert = _step(alert, hands, by, conclusion)
    return alert


def _step(alert: Alert, hands: Hands, by: Asked, conclusion: str) -> Alert:
    from daihou.desk.alerts import transitions
    from daihou.desk.alerts.choices import Stage

    seen = alert.revision
    match alert.stage:
        case Stage.CHECK:
            return transitions.conclude(alert, seen, conclusion, hands.says(FOUND[conclusion]), by)
        case Stage.CONFIRM:
            level = alert.proposed_level or alert.level
            return transitions.confirm(alert, seen, alert.conclusion, level, hands.says(AGREED), by)
        case Stage.PLAN:
            return transitions.make_plan(alert, seen, hands.says(PLAN), by)
        case Stage.ACT:
            return transitions.carry_out(alert, seen, hands.says(DONE), by)
        case Stage.FOLLOW:
            prove(alert, hands, by)
            return transitions.propose_lift(alert, seen, hands.says(MAY_END), by)
    return transitions.approve_lift(alert, seen, "", by)


def prove(alert: Alert, hands: Hands, by: Asked) -> None:
    """Attach evidence that lifting asks for."""
    from daihou.desk.alerts import transitions
    from daihou.desk.files.fitness import KINDS, Incoming

    content = hands.says(MAY_END).encode()
    digest = hashlib.sha256(content).hexdigest()
    incoming = Incoming(hands.says(EVIDENCE), KINDS["txt"], len(content), digest, io.BytesIO(content))
    transitions.attach(alert, incoming, by)
