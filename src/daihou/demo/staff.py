"""Who works at the demo's desk: an invented user for each role, the part of the lender that each sees, and what is worth looking at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

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


COLLEAGUES: Final[tuple[Text, ...]] = (
    ("Liu Yang", "刘洋"), ("Huang Lei", "黄磊"), ("Xu Jing", "徐静"), ("Deng Chao", "邓超"), ("Song Jia", "宋佳"),
)  # fmt: skip
"""Officers beside the first: two more of the first part, and of the one that goes bad."""


def staff(home: Home, profile: str | None, day: dt.date) -> tuple[Member, ...]:
    """The users of a book as it stood on a day: parts and officers are some that it names. Without a profile it has no story."""
    loans = pl.scan_parquet(store.files(home, "snapshots", day, day)).select("org_id", "officer_id").cast(pl.String)
    charges = loans.drop_nulls("org_id").unique().sort("org_id", "officer_id", nulls_last=True).collect().rows()
    first, officer = charges[0] if charges else ("", "")
    troubles = shipped(profile).troubles if profile else ()
    bad = next((trouble.name for trouble in troubles if trouble.where == "org"), first)
    others = [charge for charge in charges if charge[1] and charge != (first, officer)]
    chosen = [charge for charge in others if charge[0] == first][:2]
    chosen += [charge for charge in others if charge[0] == bad and charge not in chosen][
        : len(COLLEAGUES) - len(chosen)
    ]
    colleagues = (
        Member(f"officer{place}", "officer", name, (f"the same of {number}", f"同上，{number} 管户"), org, number)
        for place, (name, (org, number)) in enumerate(zip(COLLEAGUES, chosen, strict=False), start=2)
    )
    return (
        Member("manager", "manager", ("Wang Min", "王敏"), ("alerts, the team, the overview", "预警、团队、概览")),
        Member("branch", "manager", ("Chen Jianguo", "陈建国"), ("the same of one branch", "同上，仅本机构"), bad),
        Member(
            "officer", "officer", ("Li Na", "李娜"), (f"my work: customers of {officer or 'nobody'}", f"我的工作：{officer or '无'} 管户"),
            first, officer or "",
        ),
        *colleagues,
        Member("collector", "collector", ("Zhao Gang", "赵刚"), ("collection: whom to call today", "催收作业台：今日名单"), bad),
        Member("collector2", "collector", ("Qian Wei", "钱伟"), ("the same list, shared by turns", "同上，案件轮流分配"), bad),
        Member("collector3", "collector", ("Shen Hong", "沈红"), ("the same of another branch", "同上，另一机构"), first),
        Member("reviewer", "reviewer", ("Sun Li", "孙丽"), ("a loan, traced to the cent", "单笔贷款逐分追溯"), bad),
        Member("analyst", "analyst", ("Zhou Tao", "周涛"), ("uploads, runs; sees no names", "上传、跑批；不见姓名")),
        Member("viewer", "viewer", ("Wu Jing", "吴静"), ("the portfolio alone", "仅资产组合")),
        Member("auditor", "auditor", ("Zheng Ping", "郑平"), ("what all the others did", "其他人做了什么")),
        Member("administrator", "administrator", ("Feng Lei", "冯磊"), ("users; sees no loans", "用户；不见贷款")),
    )  # fmt: skip
