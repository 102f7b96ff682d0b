"""Whether a file's columns will do: those required are there, and none that only the vault may keep."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, Final

from daihou.book.errors import DaihouError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from daihou.book.contracts import Table
    from daihou.book.intake.translate import Plan

_PERSONAL: Final = frozenset(
    [
        "name",
        "full_name",
        "id_no",
        "id_number",
        "phone",
        "phones",
        "mobile",
        "telephone",
        "email",
        "emails",
        "address",
        "姓名",
        "客户姓名",
        "借款人姓名",
        "身份证",
        "身份证号",
        "身份证号码",
        "证件号",
        "证件号码",
        "手机",
        "手机号",
        "手机号码",
        "电话",
        "联系电话",
        "邮箱",
        "电子邮箱",
        "地址",
        "住址",
        "联系地址",
    ]
)
"""Headers of further columns that would bring people's names into the lake."""

_RAW: Final = frozenset(
    [
        "counterparty_name",
        "payer",
        "payee",
        "beneficiary",
        "remark",
        "remarks",
        "narrative",
        "description",
        "对手方",
        "对手方名称",
        "对手方户名",
        "对手方账号",
        "对方户名",
        "对方名称",
        "对方账号",
        "对方账户",
        "交易对手",
        "交易对手名称",
        "付款人",
        "付款人名称",
        "收款人",
        "收款人名称",
        "摘要",
        "交易摘要",
        "附言",
        "交易附言",
        "备注",
        "用途",
    ]
)
"""Headers of further columns of a table with raw texts that would bring just these into the lake, unblinded."""


def check_columns(
    table: Table, plan: Plan, names: Sequence[str], place: str, *, by_event: bool, may_blind: bool
) -> None:
    """Raise DaihouError where required columns are missing, or where columns hold what the lake may not."""
    _missing(table, plan, names, place)
    check_forbidden(table, plan, place, may_blind=may_blind)
    own_on = table.own_on
    if by_event and own_on in plan.absent and "known_on" in plan.absent and table.name not in ("loans", "instalments"):
        raise DaihouError(
            f"Known when it happened was asked for, but there is no column {own_on}.",
            f"Add {own_on} or known_on, or give --known-on a date.",
            place,
            zh=(
                f"要求以业务发生日为获知日，但文件中没有 {own_on} 列。",
                f"请补充 {own_on} 或 known_on 列，或为 --known-on 指定日期。",
            ),
        )


def check_select(table: Table, plan: Plan, place: str) -> None:
    """Raise DaihouError where a mapping's query would lay down a copy of a file with raw texts; `plan` is that of the file itself."""
    raw = [column.name for column in table.columns if column.becomes and column.name not in plan.absent]
    raw += [name for name in plan.extra if any(column.becomes for column in table.columns) and _seems_raw(name)]
    if raw:
        raise DaihouError(
            f"`select:` would write a copy of the file to the disk, and column {', '.join(raw)} holds text that is kept nowhere.",
            "Prepare the file where it comes from; renaming columns needs no select.",
            place,
            zh=(
                f"`select:` 会在磁盘上写出文件副本，而列 {'、'.join(raw)} 为不得留存的原文。",
                "请在源系统中整理文件；只改列名不需要 select。",
            ),
        )


def check_forbidden(table: Table, plan: Plan, place: str, *, may_blind: bool) -> None:
    """Raise DaihouError where columns hold what belongs in the vault, or raw text that cannot be blinded here."""
    _blindable(table, plan, place, may_blind=may_blind)
    vaulted = [
        column.name
        for column in table.columns
        if column.vault and not column.becomes and column.name not in plan.absent
    ]
    if vaulted and not table.vault:
        raise DaihouError(
            f"Column {', '.join(vaulted)} holds text that names people; the vault does not keep it yet.",
            "Leave it out of the file, or list it under `ignore:` in a mapping.",
            place,
            zh=(
                f"列 {'、'.join(vaulted)} 含可识别个人的文字，保险库暂不保存此列。",
                "请从文件中去掉，或在映射文件的 `ignore:` 中列出。",
            ),
        )
    personal = [name for name in plan.extra if name.strip().lower() in _PERSONAL]
    if personal and table.vault:
        raise DaihouError(
            f"Column {', '.join(personal)} is none of table {table.name}, though it seems to be meant.",
            f"Name the column it is in a mapping (`daihou contract {table.name}` lists them), or list it under `ignore:`.",
            place,
            zh=(
                f"列 {'、'.join(personal)} 不是表 {table.name} 的字段名，但疑似其内容。",
                f"请在映射文件中对应到契约字段（`daihou contract {table.name}` 列出全部），或在 `ignore:` 中列出。",
            ),
        )
    if personal:
        raise DaihouError(
            f"Further column {', '.join(personal)} seems to name people, and the lake holds no names.",
            "Leave it out of the file, or list it under `ignore:` in a mapping. Names go into the table people.",
            place,
            zh=(
                f"附加列 {'、'.join(personal)} 疑似个人身份信息，数据湖不存姓名。",
                "请从文件中去掉，或在映射文件的 `ignore:` 中列出；姓名请通过 people 表报送。",
            ),
        )


def _blindable(table: Table, plan: Plan, place: str, *, may_blind: bool) -> None:
    """Raise DaihouError where raw text cannot be blinded: no key, both forms in one file, or under a name that is not the contract's."""
    raw = [column for column in table.columns if column.becomes and column.name not in plan.absent]
    names = [column.name for column in raw]
    if raw and not may_blind:
        raise DaihouError(
            f"Column {', '.join(names)} holds raw text, and there is no key here to make tokens of it.",
            "Send the file with `daihou intake`, which keeps tokens and flags in its place; or leave the column out.",
            place,
            zh=(
                f"列 {'、'.join(names)} 为原文，而此处没有可生成令牌的密钥。",
                "请用 `daihou intake` 报送，系统只留存令牌和标记；或从文件中去掉该列。",
            ),
        )
    both = [f"{column.name}, {column.becomes}" for column in raw if column.becomes not in plan.absent]
    if both:
        raise DaihouError(
            f"The file holds both raw text and what is made of it: {'; '.join(both)}.",
            "Send one of each pair, or list the other under `ignore:` in a mapping.",
            place,
            zh=(
                f"文件同时含有原文及其生成列：{'；'.join(both)}。",
                "请每对只报送一列，或在映射文件的 `ignore:` 中列出另一列。",
            ),
        )
    seeming = [name for name in plan.extra if _seems_raw(name)]
    if seeming and any(column.becomes for column in table.columns):
        targets = [column.name for column in table.columns if column.becomes]
        raise DaihouError(
            f"Further column {', '.join(seeming)} seems to hold raw text, which would be kept as it is.",
            f"Name it {' or '.join(targets)} in a mapping, or list it under `ignore:`.",
            place,
            zh=(
                f"附加列 {'、'.join(seeming)} 疑似原文，会被原样留存。",
                f"请在映射文件中对应到 {' 或 '.join(targets)}，或在 `ignore:` 中列出。",
            ),
        )


def _seems_raw(name: str) -> bool:
    return name.strip().lower() in _RAW


def _missing(table: Table, plan: Plan, names: Sequence[str], place: str) -> None:
    missing = [name for name in table.required if name in plan.absent]
    if not missing:
        return
    hints = []
    for name in missing:
        near = difflib.get_close_matches(name, names, n=1, cutoff=0.5)
        hints.append(f"{name} (nearest header: {near[0]})" if near else name)
    raise DaihouError(
        f"Required column missing for {table.name}: {'; '.join(hints)}.",
        f"Rename the column, or map it with --mapping. `daihou contract {table.name}` shows all.",
        place,
        zh=(
            f"{table.name} 缺少必填列：{'、'.join(missing)}。",
            f"请更正列名，或用 --mapping 映射；`daihou contract {table.name}` 列出全部字段。",
        ),
    )
