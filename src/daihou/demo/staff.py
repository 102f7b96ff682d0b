"""Who works at the demo's desk: an invented user for each role, the part of the lender that each sees, and what is worth looking at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from daihou.runs import store
from daihou.simulation.parameters import shipped

if TYPE_CHECKING:
    import datetime as dt

    from daihou.book.home import Home

    Text = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Member:
    """A user of the desk; texts in English and Chinese, an empty org is the whole lender."""

    username: str
    role: str
    name: Text
    look: Text
    org_id: str = ""
    officer_id: str = ""


def staff(home: Home, profile: str | None, day: dt.date) -> tuple[Member, ...]:
    """The users of a book as it stood on a day: parts and officers are some that it names. Without a profile it has no story."""
    loans = pl.scan_parquet(store.files(home, "snapshots", day, day)).select("org_id", "officer_id").cast(pl.String)
    charges = loans.drop_nulls("org_id").unique().sort("org_id", "officer_id", nulls_last=True).head(1).collect()
    first, officer = charges.row(0) if charges.height else ("", "")
    troubles = shipped(profile).troubles if profile else ()
    bad = next((trouble.name for trouble in troubles if trouble.where == "org"), first)
    return (
        Member("manager", "manager", ("Wang Min", "王敏"), ("the overview; uncover a name", "概览；查看姓名")),
        Member("branch", "manager", ("Chen Jianguo", "陈建国"), ("the same of one branch", "同上，仅本机构"), bad),
        Member(
            "officer", "officer", ("Li Na", "李娜"), (f"what {officer or 'nobody'} is in charge of", f"{officer or '无'} 管户贷款"),
            first, officer or "",
        ),
        Member("collector", "collector", ("Zhao Gang", "赵刚"), ("overdue loans, whom to call", "逾期贷款、联系方式"), bad),
        Member("reviewer", "reviewer", ("Sun Li", "孙丽"), ("a loan, traced to the cent", "单笔贷款逐分追溯"), bad),
        Member("analyst", "analyst", ("Zhou Tao", "周涛"), ("uploads, runs; sees no names", "上传、跑批；不见姓名")),
        Member("viewer", "viewer", ("Wu Jing", "吴静"), ("the portfolio alone", "仅资产组合")),
        Member("auditor", "auditor", ("Zheng Ping", "郑平"), ("what all the others did", "其他人做了什么")),
        Member("administrator", "administrator", ("Feng Lei", "冯磊"), ("users; sees no loans", "用户；不见贷款")),
    )  # fmt: skip
