"""The policies of queries that ship, and small makers of what the gate is asked."""

from __future__ import annotations

import datetime as dt
import zoneinfo
from decimal import Decimal
from importlib import resources
from typing import TYPE_CHECKING, Any, Final

import yaml

from daihou.policies.credit_queries import SHIPPED, CreditQueries, credit_queries
from daihou.policies.dated import Dated, Version
from daihou.reviews.queries.query import Consent, Loan, Past, Query, Standing

if TYPE_CHECKING:
    from collections.abc import Sequence

BEIJING: Final = zoneinfo.ZoneInfo("Asia/Shanghai")
NOON: Final = dt.datetime(2026, 11, 28, 12, tzinfo=BEIJING)
LIVE: Final = Standing((Loan("L1", "live"),))


def shipped(name: str) -> Dated[CreditQueries]:
    """The policy that ships under a name."""
    text = resources.files("daihou").joinpath(SHIPPED[name], f"{name}.yaml").read_text("utf-8")
    return credit_queries(name, text, f"{SHIPPED[name]}/{name}.yaml")


CN: Final = shipped("credit_queries_cn")
HOUSE: Final = shipped("credit_queries_house")


def version(from_on: dt.date, rules: str | Sequence[dict[str, Any]], cache_days: int | None) -> Version[CreditQueries]:
    """A version of some rules, written as in a file; what every rule needs is added."""
    read = yaml.safe_load(rules) if isinstance(rules, str) else rules
    stated = [{"id": f"r{n}", "citation": "c", "en": "no", "zh": "不", **rule} for n, rule in enumerate(read)]
    return Version(from_on, CreditQueries(cache_days, stated), "c", None)  # type: ignore[arg-type]  # read from mappings


def policy(rules: str, *, cache_days: int | None = None) -> Dated[CreditQueries]:
    """A policy of one version that has always held."""
    return Dated("own", "own.yaml", (version(dt.date(1900, 1, 1), rules, cache_days),))


def query(at: dt.datetime, **more: Any) -> Query:
    """An officer asks about a borrower after the loan was made, unless told otherwise."""
    usual: dict[str, Any] = {
        "person_id": "P", "kind": "person", "bureau": "pbc", "reason": "post_loan_management", "asked_by": "officer", "cost": Decimal(10),
    }  # fmt: skip
    return Query(**{**usual, **more, "asked_at": at})


def consent(given_at: dt.datetime, **more: Any) -> Consent:
    """A consent to post-loan management, unless told otherwise."""
    usual: dict[str, Any] = {"person_id": "P", "document": "C1", "purposes": frozenset({"post_loan_management"})}
    return Consent(**{**usual, **more, "given_at": given_at})


def past(at: dt.datetime, outcome: str, **more: Any) -> Past:
    """An earlier query of the same person at the same bureau, unless told otherwise."""
    usual: dict[str, Any] = {"number": "Q1", "person_id": "P", "bureau": "pbc", "cost": Decimal(10)}
    return Past(**{**usual, **more, "at": at, "outcome": outcome})
