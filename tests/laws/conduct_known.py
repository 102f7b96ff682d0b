"""Shipped policies of conduct, and small makers of what the gate is asked."""

from __future__ import annotations

import datetime as dt
from importlib import resources
from typing import TYPE_CHECKING, Any, Final

import yaml

from daihou.collection.conduct.contact import Circumstance, Past, Proposal
from daihou.policies.conduct import SHIPPED, Conduct, conduct
from daihou.policies.dated import Dated, Version

if TYPE_CHECKING:
    from collections.abc import Sequence


def shipped(name: str) -> Dated[Conduct]:
    """The policy that ships under a name."""
    return conduct(name, text_of(name), f"{SHIPPED[name]}/{name}.yaml")


def text_of(name: str) -> str:
    """The text of its file."""
    return resources.files("daihou").joinpath(SHIPPED[name], f"{name}.yaml").read_text("utf-8")


CN: Final = shipped("conduct_cn")
US: Final = shipped("conduct_us")
HOUSE: Final = shipped("conduct_house")


def policy(rules: str, *, zones: Sequence[str] = ("Asia/Shanghai",), binds: str = "all") -> Dated[Conduct]:
    """A policy of some rules, written as in a file; what every rule needs is added."""
    stated = [
        {"id": f"r{n}", "citation": "c", "en": "no", "zh": "不", **rule} for n, rule in enumerate(yaml.safe_load(rules))
    ]
    values = Conduct(binds, list(zones), stated)  # type: ignore[arg-type]  # read from mappings
    return Dated("own", "own.yaml", (Version(dt.date(1900, 1, 1), values, "c", None),))


def proposal(at: dt.datetime, **more: Any) -> Proposal:
    """A call to a debtor for money, unless told otherwise."""
    usual: dict[str, Any] = {
        "person_id": "D", "debtor_id": "D", "debts": ("L1",), "channel": "phone", "party": "debtor", "purpose": "collect", "point": "n1",
    }  # fmt: skip
    return Proposal(**{**usual, **more, "at": at})


def past(at: dt.datetime, outcome: str, **more: Any) -> Past:
    """A past call to a debtor for money, unless told otherwise."""
    usual: dict[str, Any] = {
        "person_id": "D", "debtor_id": "D", "debts": ("L1",), "channel": "phone", "party": "debtor", "purpose": "collect", "point": "n1",
    }  # fmt: skip
    return Past(**{**usual, **more, "at": at, "outcome": outcome})


def made(asked: Proposal, outcome: Any = "pending") -> Past:
    """A proposal that was carried out."""
    return Past(
        asked.person_id, asked.debtor_id, asked.debts, asked.channel, asked.party, asked.purpose, asked.at, outcome, asked.point, asked.agency
    )  # fmt: skip


def circumstance(kind: Any, from_at: dt.datetime, until_at: dt.datetime | None = None, **more: Any) -> Circumstance:
    """Something that holds of the debtor, unless told otherwise."""
    return Circumstance(**{"kind": kind, "person_id": "D", "from_at": from_at, "until_at": until_at, **more})
