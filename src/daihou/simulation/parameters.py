"""The parameters of a simulated book, read from a YAML file; docs/guides/simulation.md says what each does."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, fields
from importlib import resources
from typing import TYPE_CHECKING, Any, Final

from daihou.book.errors import DaihouError
from daihou.policies.dated import only, read_yaml
from daihou.simulation import surroundings
from daihou.simulation.stated import SHARES_TOLERANCE, Shares, Span, check_chances, check_span
from daihou.simulation.stated import made as _made
from daihou.simulation.stated import wrong as _wrong

PROFILES: Final = ("bank", "trust", "online")
HABITS: Final = ("early", "punctual", "tardy")
METHODS: Final = ("annuity", "equal_principal", "interest_only", "revolving")
SHORTEST_MONTH: Final = 28

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Product:
    """One product: how many of the loans, what they ask, how often their first due date in good times is missed."""

    product: str
    share: float
    asset_class: str
    method: str
    annual_rate: float
    amounts: Shares
    miss: float
    terms: Shares
    """In dues; of a card (revolving) there is none."""
    every: int = 1
    """Months from one due date to the next."""
    security: str = "unsecured"
    own_share: float = 1.0
    spend: tuple[float, float] = (0.0, 0.0)
    """Of a card: share of the limit spent in a month, at least and at most."""
    minimum: float = 0.0
    """Of a card: share of the balance that a bill asks for at least."""
    full: float = 0.0
    """Of a card: how often a payer pays all, not the minimum."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """What goes wrong somewhere: from a month on (of the book, or of disbursement for first payments) an effect on missing."""

    where: str
    """`org`, `partner` or `circle`."""
    name: str
    month: int
    effect: float = 0.0
    """On the log odds of missing a due date; a circle has none: from its month on it pays nothing."""
    first_payment: bool = False
    size: int = 0
    """Of a circle: how many companies guarantee each other; one after another gets into trouble, a month each."""


@dataclass(frozen=True, slots=True)
class Parameters:
    """The dynamics of a book. Months count from 0; probabilities are per due date unless said otherwise."""

    profile: str
    ends_on: dt.date
    """Last day of the book, a month end; it began as many months before as are asked for."""
    kind: str
    loans_each: Shares
    habits: Shares
    early_days: Span
    tardy_days: Span
    shock_begins: float
    shock_ends: float
    shock_effect: float
    macro_effect: float
    macro_path: tuple[tuple[int, float], ...]
    young_until: int
    young: float
    old_from: int
    old: float
    cure: tuple[float, float, float]
    keep: tuple[float, float, float]
    arrears_days: Span
    part: float
    part_fraction: tuple[float, float]
    extend: float
    extend_months: int
    restructure: float
    restructure_months: int
    write_off_at: int
    recovery: float
    recovery_fraction: tuple[float, float]
    settle: float
    late: float
    late_days: Span
    bounce: float
    bounce_days: Span
    orgs: Shares
    org_names: dict[str, str]
    regions: dict[str, str]
    partners: Shares
    troubles: tuple[Trouble, ...]
    products: tuple[Product, ...]
    accounts: surroundings.Accounts
    events: surroundings.Events
    economy: surroundings.Economy


def shipped(profile: str) -> Parameters:
    """The parameters that come with daihou for a profile; DaihouError where there are none."""
    if profile not in PROFILES:
        raise DaihouError(
            f"There is no simulated book for profile {profile}.",
            f"Profiles are: {', '.join(PROFILES)}.",
            "--profile",
            zh=(f"没有 {profile} 类机构的模拟贷款组合。", f"可选：{'、'.join(PROFILES)}。"),
        )
    text = resources.files("daihou").joinpath("simulation", "profiles", f"{profile}.yaml").read_text("utf-8")
    return parameters(text, f"simulation/profiles/{profile}.yaml")


def read(path: Path) -> Parameters:
    """Parameters from a file; DaihouError where it cannot be read."""
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise DaihouError(
            f"The parameters cannot be read: {error}.",
            "Name a YAML file in UTF-8.",
            str(path),
            zh=(f"无法读取参数文件：{error}。", "请指定 UTF-8 编码的 YAML 文件。"),
        ) from error
    return parameters(text, str(path))


def parameters(text: str, place: str) -> Parameters:
    """Parameters from YAML; DaihouError names the key that is wrong."""
    stated = read_yaml(text, place)
    names = [field.name for field in fields(Parameters)]
    only(stated, ("meaning", *names), place, needed=tuple(names))
    stated.pop("meaning", None)
    try:
        given: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value for name, value in stated.items()
        }
        given["products"] = tuple(_made(Product, product, f"{place}, products") for product in stated["products"])
        given["troubles"] = tuple(_made(Trouble, trouble, f"{place}, troubles") for trouble in stated["troubles"])
        for name in ("accounts", "events", "economy"):
            given[name] = getattr(surroundings, name)(stated[name], place)
        given["macro_path"] = tuple((int(month), float(value)) for month, value in stated["macro_path"])
        made = Parameters(**given)
        _check(made, place)
    except (TypeError, ValueError, AttributeError, LookupError) as error:
        raise _wrong(place, f"A value does not fit: {error}.", f"取值不符合要求：{error}。") from error
    return made


def _check(made: Parameters, place: str) -> None:
    """Check what would make nonsense of a book."""
    _check_shares(made, place)
    _check_chances(made, place)
    _check_numbers(made, place)
    if (made.ends_on + dt.timedelta(days=1)).day != 1:
        raise _wrong(place, f"ends_on: {made.ends_on} is no month end.", f"ends_on: {made.ends_on} 不是月末。")
    if not made.orgs or tuple(made.habits) != HABITS:
        raise _wrong(
            place,
            f"There must be an org, and habits: {', '.join(HABITS)}.",
            f"须有机构，且还款习惯为：{'、'.join(HABITS)}。",
        )
    for product in made.products:
        if product.method not in METHODS:
            known = ", ".join(METHODS)
            raise _wrong(
                place,
                f"Method {product.method} is unknown; there are: {known}.",
                f"没有还款方式 {product.method}，可用：{known}。",
            )
        if (product.method == METHODS[-1]) == bool(product.terms):
            raise _wrong(
                place,
                f"{product.product}: a card has no terms, a loan with a plan has.",
                f"{product.product}：循环类无期限，分期类须有期限。",
            )
    named = {"org": made.orgs, "partner": made.partners, "circle": {"circle": 1.0}}
    for trouble in made.troubles:
        if trouble.where not in named or trouble.name not in named[trouble.where]:
            raise _wrong(
                place,
                f"There is no {trouble.where} {trouble.name} to get into trouble.",
                f"没有 {trouble.where} {trouble.name}，无法设定风险事件。",
            )
        if trouble.where == "circle" and not made.products[0].terms:
            raise _wrong(
                place,
                "A circle's loans are of the first product, which must have terms.",
                "互保圈贷款取首个产品，该产品须有期限。",
            )


def _check_numbers(made: Parameters, place: str) -> None:
    """Check counts and spans: what is compiled looks no further."""
    least = {
        "write_off_at": made.write_off_at,
        "extend_months": made.extend_months,
        "restructure_months": made.restructure_months,
        "loans_each": min(made.loans_each),
        **{f"every of {product.product}": product.every for product in made.products},
        **{f"terms of {product.product}": min(product.terms, default=1) for product in made.products},
        **{f"amounts of {product.product}": min(product.amounts) for product in made.products},
        **{f"size of {trouble.name}": trouble.size for trouble in made.troubles if trouble.where == "circle"},
    }
    for name, value in least.items():
        if not isinstance(value, int) or value < 1:
            raise _wrong(place, f"{name}: {value} is not a whole number above 0.", f"{name}：{value} 不是正整数。")
    for name in (
        "early_days",
        "tardy_days",
        "arrears_days",
        "late_days",
        "bounce_days",
        "part_fraction",
        "recovery_fraction",
    ):
        check_span(name, getattr(made, name), place)
    for product in made.products:
        low, high = product.spend
        if not 0 <= low <= high <= 1:
            spend = list(product.spend)
            raise _wrong(
                place,
                f"spend of {product.product}: {spend} is no span within 0 and 1.",
                f"{product.product} 的 spend：{spend} 不是 0 与 1 之间由小到大的两个数。",
            )
    if len(made.cure) != 3 or len(made.keep) != 3:
        raise _wrong(place, "cure and keep must have three numbers each.", "cure 与 keep 须各有三个数。")
    if max(made.tardy_days[1], made.arrears_days[1]) + 2 * made.bounce_days[1] >= SHORTEST_MONTH:
        raise _wrong(place, "Late payments would reach the next due date.", "迟还天数会越过下一应还日。")
    if made.early_days[1] >= SHORTEST_MONTH:
        raise _wrong(place, "Early payments would reach the due date before.", "提前天数会越过上一应还日。")
    if missing := [org for org in made.orgs if org not in made.regions]:
        raise _wrong(
            place, f"regions: no region of {', '.join(missing)}.", f"regions：缺少 {'、'.join(missing)} 的地区。"
        )


def _check_shares(made: Parameters, place: str) -> None:
    products = {product.product: product.share for product in made.products}
    for name, shares in (
        ("loans_each", made.loans_each), ("habits", made.habits), ("orgs", made.orgs), ("partners", made.partners), ("products", products),
        *((f"amounts of {product.product}", product.amounts) for product in made.products),
        *((f"terms of {product.product}", product.terms) for product in made.products),
    ):  # fmt: skip
        empty = not shares and name not in ("partners", *(f"terms of {product.product}" for product in made.products))
        if empty or (shares and (abs(sum(shares.values()) - 1) > SHARES_TOLERANCE or min(shares.values()) < 0)):
            raise _wrong(place, f"The shares of {name} do not sum to 1.", f"{name} 的占比之和不为 1。")


def _check_chances(made: Parameters, place: str) -> None:
    names = ("shock_begins", "shock_ends", "part", "extend", "restructure", "recovery", "settle", "late", "bounce")
    chances = {name: getattr(made, name) for name in names}
    for step, (cure, keep) in enumerate(zip(made.cure, made.keep, strict=True), 1):
        chances |= {f"cure {step}": cure, f"keep {step}": keep, f"cure and keep {step}": cure + keep}
    chances |= {f"miss of {product.product}": product.miss for product in made.products}
    chances |= {f"full of {product.product}": product.full for product in made.products}
    check_chances(chances, place)
    for product in made.products:
        if not 0 < product.miss < 1:  # its log odds are taken
            raise _wrong(
                place,
                f"miss of {product.product} must be above 0 and below 1.",
                f"{product.product} 的 miss 须大于 0 且小于 1。",
            )
