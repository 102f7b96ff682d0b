"""What people found, did, were promised and decided, and what happened to a subject outside the book."""

from daihou.book.contracts.table import Column, Table, choices, optional, required, vaulted

EVENTS = choices(
    ("litigation", "Litigation", "涉诉"),
    ("enforcement", "Enforcement", "被执行"),
    ("tax", "Tax", "税务"),
    ("licence", "Licence", "证照"),
    ("news", "News", "舆情"),
    ("address_change", "Address changed", "地址变更"),
    ("device_change", "Device changed", "设备变更"),
    ("application", "Application elsewhere", "新增申请"),
    ("withdrawn", "Withdrawn: it never was", "已撤销（事件不成立）"),
)


def _of_people(name: str, en: str, zh: str) -> Table:
    columns: tuple[Column, ...] = (
        required("subject_id", "id", "Loan, borrower or project it is about", "对象编号（贷款、客户或项目）"),
        required("kind", "code", "Kind, as the desk names it", "类型", extensible=True),
        required("happened_at", "timestamp", "When it happened", "发生时间"),
        optional("value", "text", "What was found, agreed or decided", "内容或结论"),
    )
    return Table(name, "event", ("subject_id", "kind", "happened_at"), en, zh, columns, own_on="happened_at")


TABLES = (
    Table(
        "events",
        "event",
        ("event_id",),
        "Events outside the book: courts, taxes, news, changes of contact data",
        "外部事件（司法、税务、舆情、联系信息变更等）",
        (
            required("event_id", "id", "Number of the event", "事件编号"),
            required("subject_id", "id", "Whom it concerns", "对象编号"),
            required("happened_at", "timestamp", "When it happened", "发生时间"),
            required("kind", "code", "Kind of event", "事件类型", choices=EVENTS, extensible=True),
            optional("amount", "signed_money", "Amount at stake", "涉及金额"),
            optional("source", "text", "Where it was seen", "来源"),
            vaulted("detail", "text", "Text as found; for the vault", "事件原文，入保险库"),
        ),
        own_on="happened_at",
    ),
    _of_people("findings", "What inspections and reviews found", "贷后检查发现"),
    _of_people("contacts", "Calls, visits and letters", "催收与走访联系记录"),
    _of_people("promises", "What debtors promised", "还款承诺"),
    _of_people("decisions", "What people decided", "人工决定"),
)
