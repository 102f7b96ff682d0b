"""The policies of a home, read once for a run: those shipped with daihou, each replaced by a file of the same name in the home."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from importlib import resources
from typing import TYPE_CHECKING

from daihou.book.errors import DaihouError
from daihou.policies.buckets import Buckets, buckets
from daihou.policies.cash_flow import CashFlowPolicy, cash_flow
from daihou.policies.early_warning import EarlyWarning, early_warning
from daihou.policies.market import Market, market
from daihou.policies.overdue import RegulatoryOverdue, regulatory_overdue
from daihou.policies.products import Profile, profile
from daihou.policies.repeated import RepeatedArrears, repeated_arrears

if TYPE_CHECKING:
    import datetime as dt

    from daihou.book.home import Home
    from daihou.policies.dated import Dated

SCHEMES = {
    "buckets_atomic": "common",
    "buckets_cycles": "common",
    "buckets_m_stages": "common",
    "buckets_par": "common",
    "buckets_regulator": "cn",
    "buckets_cards": "cn",
}


@dataclass(frozen=True, slots=True)
class Policies:
    """What a run judges by; `digest` names exactly these texts."""

    profile: Profile
    schemes: dict[str, Dated[Buckets]]
    overdue: Dated[RegulatoryOverdue]
    repeated: Dated[RepeatedArrears]
    market: Dated[Market]
    cash_flow: Dated[CashFlowPolicy]
    warning: Dated[EarlyWarning]
    digest: str

    def scheme(self, name: str, day: dt.date) -> Buckets:
        """A bucket scheme as in force on a day; DaihouError if there is none of that name."""
        if name not in self.schemes:
            raise DaihouError(
                f"Bucket scheme {name} is unknown.",
                f"Schemes are: {', '.join(self.schemes)}.",
                zh=(f"没有逾期区间方案 {name}。", f"可用方案：{'、'.join(self.schemes)}。"),
            )
        return self.schemes[name].on(day).values


def text_of(home: Home, folder: str, name: str) -> tuple[str, str]:
    """The text of a policy and where it stands: the home's own file, else the one shipped in a folder of the package."""
    own = home.path / "policies" / f"{name}.yaml"
    if own.exists():
        return own.read_text("utf-8"), str(own)
    return resources.files("daihou").joinpath(folder, f"{name}.yaml").read_text("utf-8"), f"{folder}/{name}.yaml"


def read_policies(home: Home) -> Policies:
    """Read and check every policy of a home; DaihouError names the file and the key that is wrong."""
    digest = hashlib.sha256()

    def text(folder: str, name: str) -> tuple[str, str]:
        content, place = text_of(home, folder, name)
        digest.update(f"{name}\n{content}\n".encode())
        return content, place

    schemes = {name: buckets(name, *text(f"policies/{folder}", name)) for name, folder in SCHEMES.items()}
    overdue = regulatory_overdue(*text("policies/cn", "regulatory_overdue"))
    repeated = repeated_arrears(*text("policies/common", "repeated_arrears"))
    series = market(*text("policies/common", "market"))
    flows = cash_flow(*text("policies/common", "cash_flow"))
    warnings = early_warning(*text("policies/common", "early_warning"))
    chosen = profile(*text("profiles", home.settings.profile))
    return Policies(chosen, schemes, overdue, repeated, series, flows, warnings, digest.hexdigest()[:16])
