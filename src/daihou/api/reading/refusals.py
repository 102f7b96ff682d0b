"""Why a request for reading is refused, each as a problem with what to do about it; what is not there is `missing` of the API itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from daihou.api.problems import Problem, Words

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Collection, Mapping

    from daihou.desk.portfolio.moments import Pair

NAMED = 40
"""Names that are listed of those that would be right; of more, the first."""


def unknown(what: str, stated: str, known: Collection[str]) -> Problem:
    """A name that does not exist: of a parameter, a column, a kind, a user."""
    listed = list(known)[:NAMED]
    zh = {
        "parameter": "参数",
        "column": "字段",
        "kind": "快照类型",
        "owner": "用户名",
        "sort": "排序",
        "subject": "对象",
    }.get(what, what)
    remedy = (
        Words(f"Use one of: {', '.join(listed)}.", f"可用：{'、'.join(listed)}。")
        if listed
        else Words("Check the name.", "请核对名称。")
    )
    return Problem(
        "wrong_parameter", Words(f"{what} '{stated[:60]}' is not known.", f"{zh}“{stated[:60]}”不存在。"), remedy
    )


def no_cursor() -> Problem:
    """A cursor that was not given out here."""
    return Problem(
        "wrong_parameter",
        Words("`after` holds no cursor of this list.", "after 不是该列表给出的游标。"),
        Words("Leave it out for the first page; then hand on `next` as it is.", "首页请勿携带；之后原样传回 next。"),
    )


def other_question() -> Problem:
    """A cursor of a list with another filter."""
    return Problem(
        "wrong_parameter",
        Words("The cursor belongs to a list with other parameters.", "游标属于参数不同的另一列表。"),
        Words(
            "Hand on `next` with the parameters of the first page; only `limit` may differ.",
            "翻页时请保持首页参数不变，仅 limit 可变。",
        ),
    )


def run_changed(pair: Pair) -> Problem:
    """A pair of dates that was run again between two pages."""
    return Problem(
        "conflict",
        Words(
            f"{pair[0]} as known on {pair[1]} was run again while it was read.", f"读取期间，数据日期 {pair[0]}、知悉日期 {pair[1]} 已重新跑批。"
        ),
        Words("Begin anew from the first page.", "请从首页重新读取。"),
    )  # fmt: skip


def not_written(kind: str, pair: Pair) -> Problem:
    """A run of an earlier version, without a table."""
    return Problem(
        "not_found",
        Words(f"The run of {pair[0]} as known on {pair[1]} wrote no {kind} snapshot.", f"数据日期 {pair[0]}、知悉日期 {pair[1]} 的跑批未生成 {kind} 快照。"),
        Words("Run it again, or ask for another date.", "请重新跑批，或另选日期。"),
    )  # fmt: skip


def not_watched(day: dt.date) -> Problem:
    """A date of which no run spoke by its own knowledge."""
    return Problem(
        "not_found",
        Words(f"No run watched {day} by its own day's knowledge.", f"{day} 没有按当日所知进行的预警跑批。"),
        Words("Ask for another date; GET /runs lists them.", "请另选日期；GET /runs 可查询。"),
    )


def beyond_reach(kind: str) -> Problem:
    """What is summed over more than a program may see."""
    return Problem(
        "not_permitted",
        Words(f"A {kind} snapshot sums up loans that lie outside this program's part of the lender.", f"{kind} 快照汇总了该程序可见范围以外的贷款。"),
        Words("Ask for loans or borrowers, or have the program's role widened.", "请改查贷款或客户，或请管理员扩大角色范围。"),
    )  # fmt: skip


def no_span(first: dt.date, last: dt.date, most: int) -> Problem:
    """Days that do not ascend, or too many."""
    return Problem(
        "wrong_parameter",
        Words(f"From {first} to {last} is no span of up to {most} days.", f"{first} 至 {last} 不是 {most} 天以内的区间。"),
        Words("Let the first day come before the last, and ask for a longer span in parts.", "起始日应早于截止日；更长区间请分段查询。"),
    )  # fmt: skip


def not_offered(offered: Collection[str]) -> Problem:
    """No form of the answer that the program accepts."""
    return Problem(
        "not_acceptable",
        Words("The answer does not come in any form that is accepted.", "没有可接受的返回格式。"),
        Words(f"Accept one of: {', '.join(offered)}.", f"Accept 可用：{'、'.join(offered)}。"),
    )


def too_often(most: int) -> Problem:
    """More bulk answers than in an hour are given to one."""
    return Problem(
        "too_often",
        Words(f"A program takes out {most} snapshots an hour at most.", f"每个程序每小时最多整体导出 {most} 次快照。"),
        Words("Go on in an hour, or keep what you have by its ETag.", "请一小时后再试，或用 ETag 复用已取得的数据。"),
        headers={"Retry-After": "3600"},
    )


def no_revision() -> Problem:
    """An act without the revision that was seen."""
    return Problem(
        "revision_missing",
        Words("If-Match does not name the revision that was seen.", "If-Match 未注明所见版本。"),
        Words("Read it first and send its ETag as If-Match.", "请先读取，再以其 ETag 作为 If-Match 发送。"),
    )


def stale(revision: int, last: Mapping[str, Any]) -> Problem:
    """What was changed since it was seen; `last` says by whom, how and when."""
    return Problem(
        "conflict",
        Words("It was changed since you read it; nothing was done.", "读取之后已被更改，本次操作未执行。"),
        Words("Read it again and decide anew.", "请重新读取后再行决定。"),
        more={"revision": revision, "last": dict(last)},
    )


def refused(said: str) -> Problem:
    """What the desk's own rules do not allow; said in the language of the request."""
    return Problem("act_refused", Words(said, said), Words("Put it right and send it again.", "请更正后重新发送。"))


def no_key() -> Problem:
    """A promise without a key by which it is one, however often it is sent."""
    return Problem(
        "wrong_parameter",
        Words(
            "Idempotency-Key is missing or longer than 200 characters.",
            "缺少 Idempotency-Key，或其长度超过 200 个字符。",
        ),
        Words(
            "Give each promise a key of its own and send it again with the same one.",
            "请为每笔承诺指定唯一的键，重发时使用同一键。",
        ),
    )


def key_reused() -> Problem:
    """A key under which something else was taken."""
    return Problem(
        "key_reused",
        Words("Another promise was taken under this Idempotency-Key.", "该 Idempotency-Key 已用于另一笔承诺。"),
        Words("Give each promise a key of its own.", "请为每笔承诺指定唯一的键。"),
    )
