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


def check_columns(table: Table, plan: Plan, names: Sequence[str], place: str, *, by_event: bool) -> None:
    """Raise DaihouError where required columns are missing, or where columns hold what belongs in the vault."""
    _missing(table, plan, names, place)
    check_forbidden(table, plan, place)
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


def check_forbidden(table: Table, plan: Plan, place: str) -> None:
    """Raise DaihouError where columns hold what belongs in the vault."""
    vaulted = [column.name for column in table.columns if column.vault and column.name not in plan.absent]
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
