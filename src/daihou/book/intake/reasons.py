"""Why a row goes to quarantine: each reason with what is wrong and what to do, in English and Chinese."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason; `{column}` in the texts stands for the column's name."""

    code: str
    en: str
    zh: str
    retried: bool = False
    """Whether the row may pass later, once other facts are in, when the same file is sent again."""


def _reasons(*rows: Reason) -> dict[str, Reason]:
    return {row.code: row for row in rows}


REASONS: Final = _reasons(
    Reason("missing_value", "{column} is required and empty. Fill it in.", "{column} 为必填项但为空，请补充。"),
    Reason(
        "wrong_cells",
        "The line does not have as many cells as the header. Quote cells that hold the delimiter.",
        "该行单元格数与表头不符，含分隔符的内容请加引号。",
    ),
    Reason(
        "not_json", "The line is not a JSON object. Write one object a line.", "该行不是 JSON 对象，每行应为一个对象。"
    ),
    Reason(
        "bad_text",
        "{column} holds bytes that are no text. Save the file as UTF-8.",
        "{column} 含无法识别的字符，请以 UTF-8 保存。",
    ),
    Reason("bad_id", "{column} holds control characters or is too long.", "{column} 含控制字符或过长。"),
    Reason(
        "rounded_id",
        "{column} was turned into a number with an exponent. Format the column as text before saving.",
        "{column} 已被转成科学计数，请将该列设为文本格式后重新保存。",
    ),
    Reason(
        "too_long",
        "{column} is longer than 10,000 characters. Is a quote not closed?",
        "{column} 超过一万字符，请检查引号是否闭合。",
    ),
    Reason(
        "bad_date",
        "{column} is no date like 2026-03-14. Give its format in a mapping.",
        "{column} 不是 2026-03-14 形式的日期，可在映射文件中注明格式。",
    ),
    Reason(
        "date_out_of_range",
        "{column} lies outside 1900-01-01 to 2199-12-31. Leave it empty for 'no end'.",
        "{column} 超出 1900-01-01 至 2199-12-31，无期限请留空。",
    ),
    Reason(
        "bad_timestamp",
        "{column} is no time with a zone like 2026-03-14T09:30:00+08:00.",
        "{column} 不是带时区的时间，如 2026-03-14T09:30:00+08:00。",
    ),
    Reason(
        "no_zone",
        "{column} has no time zone. Add it, or name it in a mapping.",
        "{column} 缺少时区，请补充或在映射文件中注明。",
    ),
    Reason(
        "not_a_number",
        "{column} is no plain number. Name its separators in a mapping.",
        "{column} 不是数值，分隔符可在映射文件中注明。",
    ),
    Reason(
        "too_many_decimals",
        "{column} has more decimals than it may have; nothing is rounded. Send the exact amount.",
        "{column} 小数位数过多，系统不做四舍五入，请报送准确数值。",
    ),
    Reason("number_out_of_range", "{column} is too large.", "{column} 数值过大。"),
    Reason("negative", "{column} is negative.", "{column} 为负数。"),
    Reason(
        "not_positive",
        "{column} must be above zero. Void a row with `reverses`.",
        "{column} 须大于零，冲销请使用 reverses。",
    ),
    Reason(
        "not_a_ratio",
        "{column} lies outside 0 to 1. Scale per cents in a mapping.",
        "{column} 不在 0 至 1 之间，百分数请在映射文件中换算。",
    ),
    Reason("not_whole", "{column} is no whole number.", "{column} 不是整数。"),
    Reason("not_boolean", "{column} is neither true nor false.", "{column} 不是 true 或 false。"),
    Reason(
        "unknown_code",
        "{column} is none of the codes allowed. Translate it in a mapping.",
        "{column} 不是允许的代码，可在映射文件中转换。",
    ),
    Reason(
        "not_a_token",
        "{column} is no token of 32 hex digits; names and account numbers go into counterparty.",
        "{column} 不是32位十六进制令牌，户名和账号请填入 counterparty。",
    ),
    Reason("unknown_currency", "{column} is no ISO 4217 currency.", "{column} 不是 ISO 4217 币种代码。"),
    Reason("dates_reversed", "{column} lies before the date it should follow.", "{column} 早于其应晚于的日期。"),
    Reason("parts_do_not_sum", "The parts do not sum to {column}.", "各组成部分之和不等于 {column}。"),
    Reason("reverses_itself", "The row reverses itself.", "该行冲销自身。"),
    Reason(
        "reverses_reversal",
        "The row reverses a reversal. Send the money as a new row.",
        "该行冲销的是一笔冲销，请以新流水重新报送。",
    ),
    Reason("reverses_other_loan", "The row it reverses is of another loan.", "被冲销的行属于另一笔贷款。"),
    Reason(
        "duplicate_key",
        "Another row with this key and known_on says something else. Give the correction its own known_on.",
        "同一主键、同一获知日已有内容不同的行，更正请使用新的获知日。",
    ),
    Reason(
        "other_owner",
        "This id was used before for another {column}. Give the row its own id.",
        "该编号已用于另一个 {column}，请使用新编号。",
    ),
    Reason("currency_changed", "The loan has another currency; it never changes.", "贷款币种不得变更。"),
    Reason(
        "currency_unknown",
        "More than two decimals, and the loan (so its currency) is not known. Send loans first, then this file again.",
        "金额超过两位小数而贷款（币种）未知，请先报送贷款，再重新报送本文件。",
        retried=True,
    ),
    Reason(
        "sealed",
        "{column} is a sealed business date. Send the row with --backfill, or without known_on.",
        "{column} 为已封账营业日，请使用 --backfill 或不填获知日。",
    ),
    Reason(
        "no_own_date",
        "Known when it happened was asked for, but {column} is empty. Fill it in, or give known_on.",
        "要求按事实发生日获知，但 {column} 为空，请补充或填写 known_on。",
    ),
    Reason(
        "loan_unknown",
        "effective_on is empty and the loan is not known. Send loans first, then this file again.",
        "effective_on 为空且贷款未知，请先报送贷款，再重新报送本文件。",
        retried=True,
    ),
    Reason(
        "needs_effective_on",
        "A later version of an instalment, back-loaded as known when it happened, must say from when it holds.",
        "按事实发生日补录时，同一期次的后续版本须填写 effective_on。",
    ),
    Reason(
        "erased",
        "This person was erased from the vault. If they may be kept again, `daihou vault readmit` first, then send this file again.",
        "该客户已从保险库删除。如可重新保存，请先运行 `daihou vault readmit`，再重新报送本文件。",
        retried=True,
    ),
    Reason(
        "covered_instalment",
        "The new plan reuses the number of an instalment already covered. Number new instalments onwards.",
        "新计划占用了已结清的期次，请从后续期次起编号。",
    ),
    Reason(
        "plan_incomplete",
        "Another row of this loan's plan is in quarantine. Correct it and send the whole plan again.",
        "该贷款计划中另有行被隔离，计划须整体替换，请更正后重新报送整份计划。",
    ),
    Reason(
        "message_no_rows",
        "The message is neither a JSON object nor an array of objects, or an object names a field twice. Correct its sender.",
        "该消息不是 JSON 对象或对象数组，或同一对象中字段重复，请更正发送方。",
    ),
    Reason(
        "message_unreadable",
        "The message cannot be read: it holds what is no text. Correct its sender.",
        "该消息含无法读取的内容，请更正发送方。",
    ),
    Reason(
        "message_refused",
        "The message holds fields that are kept nowhere. Leave them out, or list them under `ignore:` in a mapping.",
        "该消息含不得留存的字段，请去掉，或在映射文件的 `ignore:` 中列出。",
    ),
    Reason(
        "table_unknown",
        "The message names no table of the contract: in its header `table`, in a field `table`, or by its topic.",
        "该消息未指明契约中的表：请在消息头 table、字段 table 或按主题指明。",
    ),
    Reason(
        "table_of_vault",
        "The table names people, and only the vault keeps it. Send it as a file or to the API.",
        "该表含个人身份信息，只能存入保险库，请以文件或接口报送。",
    ),
)


def message(code: str, column: str) -> tuple[str, str]:
    """Return a reason's English and Chinese text for a column."""
    reason = REASONS[code]
    return reason.en.format(column=column), reason.zh.format(column=column)
