"""An explanation as sentences a person at the desk can read out, in English and Chinese."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator
    from decimal import Decimal

    from daihou.runs.against import Difference
    from daihou.runs.explain import Explanation

    Row = dict[str, Any]
    Saying = tuple[str, str]

STATES = {
    "not_started": ("not paid out yet", "尚未发放"),
    "current": ("current", "正常"),
    "overdue": ("overdue", "逾期"),
    "closed": ("closed", "已结清"),
    "written_off": ("written off", "已核销"),
    "transferred": ("transferred away", "已转出"),
    "unmeasured": (
        "not measurable: no plan, no bill, no fresh reported figures",
        "无法计量：无还款计划、账单或有效的上报数据",
    ),
}
STANDINGS = {
    "counted": ("counted", "已计入"),
    "not_yet_known": ("not known yet", "当时尚未获知"),
    "reversed": ("reversed", "已冲正"),
    "replaced": ("replaced by a later version", "已被后续版本更正"),
    "after_the_date": ("after the date", "晚于数据日期"),
}
WHYS = {
    "earlier": ("an earlier version", "早先版本"),
    "not_yet_known": ("not known yet", "当时尚未获知"),
    "not_yet_in_force": ("not in force yet", "尚未生效"),
    "in_force": ("in force", "生效中"),
}
PARTS = {
    "principal": ("principal", "本金"),
    "interest": ("interest", "利息"),
    "fee": ("fees", "费用"),
    "outside": ("outside the plan", "计划外"),
}


def sayings(told: Explanation, *, every: bool = False) -> Iterator[Saying]:
    """The explanation from the answer down to each payment; `every` also tells of instalments that are paid."""
    row = told.measures
    state_en, state_zh = STATES[row["state"]]
    yield (
        f"Loan {told.loan_id} on {told.as_of}, as known on {told.known_on}: {state_en}.",
        f"贷款 {told.loan_id}，数据日期 {told.as_of}，按 {told.known_on} 已知事实：{state_zh}。",
    )
    yield from _answer(told)
    yield from _policy(told.policy)
    for instalment in told.instalments:
        if every or _is_short(instalment, told) or instalment["other_versions"] or instalment["called_on"]:
            yield from _instalment(instalment, told)
    for version in told.left_out:
        yield from _left_out(version)
    yield from _bills(told)
    yield from _draws(told, every=every)
    yield from _figures(told, every=every)
    yield from _payments(told, every=every)
    for change in told.changes:
        en, zh = STANDINGS[change["standing"]]
        yield (
            f"Change {change['change_id']}: {change['kind']} from {change['effective_on']}, known on {change['known_on']}: {en}.",
            f"变更 {change['change_id']}：{change['kind']}，{change['effective_on']} 起，{change['known_on']} 获知：{zh}。",
        )
    for charge in told.charges:
        en, zh = _reversal(charge, *STANDINGS[charge["standing"]])
        yield (
            f"Charge {charge['charge_id']}: {charge['kind']} {_amount(charge['amount'])} from {charge['from_on']}: {en}.",
            f"罚息费用 {charge['charge_id']}：{charge['kind']} {_amount(charge['amount'])}，{charge['from_on']} 起：{zh}。",
        )
    yield from _balance(told)


def _days(count: int | str) -> str:
    return f"{count} day" if count == 1 else f"{count} days"


def _amount(value: Decimal | None) -> str:
    return "-" if value is None else f"{value:,}"


def _overdue_parts(row: Row) -> Saying:
    """What an overdue amount is made of; nothing where bills or reported figures do not tell."""
    if row["overdue_principal"] is None:
        return "", ""
    principal, interest, fee = (_amount(row[f"overdue_{name}"]) for name in ("principal", "interest", "fee"))
    return (
        f": principal {principal}, interest {interest}, fees {fee}",
        f"，其中本金 {principal}、利息 {interest}、费用 {fee}",
    )


def _answer(told: Explanation) -> Iterator[Saying]:
    row, unit = told.measures, told.currency
    if row["dpd"]:
        parts_en, parts_zh = _overdue_parts(row)
        yield (
            (
                f"{_days(row['dpd'])} past due, counted from {row['oldest_unpaid_due_on'] or 'the reported figure'}; "
                f"overdue {_amount(row['overdue_amount'])} {unit}{parts_en}."
            ),
            (
                f"逾期 {row['dpd']} 天，自 {row['oldest_unpaid_due_on'] or '上报数据'} 起算；"
                f"逾期金额 {_amount(row['overdue_amount'])} {unit}{parts_zh}。"
            ),
        )
    elif row["dpd"] == 0:
        yield ("Nothing is overdue.", "无逾期。")
    yield (
        f"Principal outstanding {_amount(row['principal_outstanding'])}, total claim {_amount(row['total_claim'])}, paid so far {_amount(row['paid_amount'])} {unit}.",
        f"贷款余额 {_amount(row['principal_outstanding'])}，债权总额 {_amount(row['total_claim'])}，累计还款 {_amount(row['paid_amount'])} {unit}。",
    )


def _policy(policy: Row) -> Iterator[Saying]:
    order_en = {
        "horizontal": "oldest instalment first, in each fees, interest, principal",
        "vertical": "all fees, then all interest, then all principal that is due",
    }
    order_zh = {
        "horizontal": "先还最早一期，期内依次为费用、利息、本金",
        "vertical": "已到期部分先还全部费用，再还全部利息，最后本金",
    }
    moves_en = "; due dates on holidays move to the next working day" if policy["moves_holidays"] else ""
    moves_zh = "；应还日遇节假日顺延" if policy["moves_holidays"] else ""
    yield (
        f"Product {policy['product']}: {order_en[policy['order']]}; {policy['grace_days']} days of grace; tolerance {_amount(policy['tolerance'])}{moves_en}.",
        f"产品 {policy['product']}：{order_zh[policy['order']]}；宽限期 {policy['grace_days']} 天；容差 {_amount(policy['tolerance'])}{moves_zh}。",
    )


def _is_short(row: Row, told: Explanation) -> bool:
    return (
        bool(row["days"])
        and any(row["short"].values())
        and (row["called_on"] or row["moved_to"] or row["due_on"]) < told.as_of
    )


def _instalment(row: Row, told: Explanation) -> Iterator[Saying]:
    asked = sum(row[part] for part in ("principal", "interest", "fee"))
    short = sum(row["short"].values())
    moved_en = f", moved to {row['moved_to']} by a holiday" if row["moved_to"] else ""
    moved_zh = f"（遇节假日顺延至 {row['moved_to']}）" if row["moved_to"] else ""
    if row["called_on"]:
        moved_en += f", called due on {row['called_on']}"
        moved_zh += f"（{row['called_on']} 宣布提前到期）"
    late_en = (
        f"short {_amount(short)}, {_days(row['days'])}"
        if _is_short(row, told)
        else f"short {_amount(short)}"
        if short
        else "covered"
    )
    late_zh = (
        f"欠 {_amount(short)}，{row['days']} 天"
        if _is_short(row, told)
        else f"尚欠 {_amount(short)}"
        if short
        else "已足额偿还"
    )
    yield (
        f"Instalment {row['seq']}, due {row['due_on']}{moved_en}: asked {_amount(asked)}, {late_en}.",
        f"第 {row['seq']} 期，应还日 {row['due_on']}{moved_zh}：应还 {_amount(asked)}，{late_zh}。",
    )
    for paid in row["paid_by"]:
        en, zh = PARTS[paid["part"]]
        yield (
            f"  {en} {_amount(paid['amount'])} by {paid['by']}",
            f"  {zh} {_amount(paid['amount'])}，来自 {paid['by']}",
        )
    for version in row["other_versions"]:
        en, zh = WHYS[version["why"]]
        gone_en, gone_zh = (", cancelled", "，已取消") if version["cancelled"] else ("", "")
        total = sum(version[part] for part in ("principal", "interest", "fee"))
        yield (
            f"  another version: due {version['due_on']}, {_amount(total)}{gone_en}, in force from {version['effective_on']}, known on {version['known_on']}: {en}",
            f"  其他版本：应还日 {version['due_on']}，{_amount(total)}{gone_zh}，{version['effective_on']} 起生效，{version['known_on']} 获知：{zh}",
        )


def _left_out(version: Row) -> Iterator[Saying]:
    en, zh = ("cancelled", "已取消") if version["cancelled"] and version["why"] == "earlier" else WHYS[version["why"]]
    yield (
        f"Instalment {version['seq']}, due {version['due_on']}, in force from {version['effective_on']}, known on {version['known_on']}: not asked for: {en}.",
        f"第 {version['seq']} 期，应还日 {version['due_on']}，{version['effective_on']} 起生效，{version['known_on']} 获知：当日不计应还（{zh}）。",
    )


def _bills(told: Explanation) -> Iterator[Saying]:
    for bill in told.bills:
        en, zh = STANDINGS[bill["standing"]]
        yield (
            f"Bill of {bill['bill_on']}, due {bill['due_on']}: balance {_amount(bill['balance'])}, minimum {_amount(bill['minimum_due'])}: {en}.",
            f"账单 {bill['bill_on']}，到期还款日 {bill['due_on']}：余额 {_amount(bill['balance'])}，最低还款额 {_amount(bill['minimum_due'])}：{zh}。",
        )


def _draws(told: Explanation, *, every: bool) -> Iterator[Saying]:
    for draw in told.draws:
        if draw["standing"] == "counted" and not every:
            continue
        en, zh = STANDINGS[draw["standing"]]
        yield (
            f"Drawn {_amount(draw['amount'])} on {draw['drawn_on']}, known on {draw['known_on']}: {en}.",
            f"提款 {_amount(draw['amount'])}，{draw['drawn_on']}，{draw['known_on']} 获知：{zh}。",
        )


def _figures(told: Explanation, *, every: bool) -> Iterator[Saying]:
    """Tell the lender's own figures: the latest that count, and those up to the date that were not known yet."""
    latest = max((row["as_of"] for row in told.standings if row["standing"] == "counted"), default=None)
    for row in told.standings:
        told_of = row["as_of"] == latest or (row["standing"] == "not_yet_known" and row["as_of"] <= told.as_of)
        if not told_of and not every:
            continue
        en, zh = STANDINGS[row["standing"]]
        days = "-" if row["dpd"] is None else row["dpd"]
        owed = _amount(row["principal_outstanding"])
        yield (
            f"Reported for {row['as_of']}, known on {row['known_on']}: {_days(days)} past due, principal {owed}: {en}.",
            f"上报数据 {row['as_of']}，{row['known_on']} 获知：逾期 {days} 天，余额 {owed}：{zh}。",
        )


def _reversal(row: Row, en: str, zh: str) -> Saying:
    """How an event counts, with what reversed it."""
    if row["reversed_by"] is None:
        return en, zh
    return (
        f"{en} by {row['reversed_by']} (known on {row['until']})",
        f"{zh}（{row['reversed_by']}，{row['until']} 获知）",
    )


def _payments(told: Explanation, *, every: bool) -> Iterator[Saying]:
    for paid in told.payments:
        if paid["standing"] == "counted" and paid["reverses"] is None and not every:
            continue
        en, zh = STANDINGS[paid["standing"]]
        en, zh = _reversal(paid, en, zh)
        if paid["reverses"]:
            en, zh = f"reverses {paid['reverses']}, {en}", f"冲正 {paid['reverses']}，{zh}"
        yield (
            f"Payment {paid['payment_id']} of {paid['paid_on']}, {_amount(paid['amount'])} {paid['purpose']}, known on {paid['known_on']}: {en}.",
            f"还款 {paid['payment_id']}，{paid['paid_on']}，{_amount(paid['amount'])}（{paid['purpose']}），{paid['known_on']} 获知：{zh}。",
        )


def _balance(told: Explanation) -> Iterator[Saying]:
    parts = told.balance
    yield (
        (
            f"Principal: {_amount(parts['opening'])} opening + {_amount(parts['drawn'])} drawn + {_amount(parts['capitalised'])} capitalised "
            f"- {_amount(parts['paid'])} paid - {_amount(parts['prepaid'])} prepaid - {_amount(parts['waived'])} waived "
            f"- {_amount(parts['written_off'])} written off = {_amount(parts['closing'])}."
        ),
        (
            f"本金：期初 {_amount(parts['opening'])} + 提款 {_amount(parts['drawn'])} + 转本 {_amount(parts['capitalised'])} - 已还 {_amount(parts['paid'])} "
            f"- 提前还本 {_amount(parts['prepaid'])} - 减免 {_amount(parts['waived'])} - 核销 {_amount(parts['written_off'])} = {_amount(parts['closing'])}。"
        ),
    )
    money = told.money
    yield (
        (
            f"Money: {_amount(money['received'])} received = {_amount(money['applied'])} applied + {_amount(money['prepaid'])} prepaid "
            f"+ {_amount(money['penalties'])} penalties + {_amount(money['recovered'])} recovered + {_amount(money['surplus'])} surplus"
            " (a payoff settles without being applied)."
        ),
        (
            f"款项：收到 {_amount(money['received'])} = 冲抵 {_amount(money['applied'])} + 提前还本 {_amount(money['prepaid'])} + 罚息 {_amount(money['penalties'])} "
            f"+ 核销收回 {_amount(money['recovered'])} + 溢缴 {_amount(money['surplus'])}（结清款不逐期冲抵）。"
        ),
    )


def difference_sayings(told: Difference) -> Iterator[Saying]:
    """What changed between two knowledge dates, and which facts changed it."""
    yield (f"Between {told.earlier} and {told.later}:", f"{told.earlier} 至 {told.later} 之间：")
    if not told.columns:
        yield ("  no answer changed", "  结论无变化")
    for name, before, after in told.columns:
        yield (f"  {name}: {before} → {after}", f"  {name}：{before} → {after}")
    for fact in told.facts:
        named = (
            fact.get("payment_id")
            or fact.get("change_id")
            or fact.get("charge_id")
            or fact.get("seq")
            or fact.get("bill_on")
            or ""
        )
        dates = ("paid_on", "effective_on", "from_on", "due_on", "drawn_on", "as_of")
        on = next(fact[name] for name in dates if fact.get(name))
        what = f"{fact['fact']} {named}".strip()
        gone_en, gone_zh = (
            (f", fell away on {fact['until']}", f"，{fact['until']} 起不再计入") if fact.get("until") else ("", "")
        )
        yield (
            f"  {what} of {on}, known on {fact['known_on']}{gone_en}",
            f"  {what}（{on}），{fact['known_on']} 获知{gone_zh}",
        )
