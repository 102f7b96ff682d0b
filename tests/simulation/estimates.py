"""Every parameter of a simulated book estimated from what was seen of it, each as an interval that holds the truth 19 times of 20."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from simulation.replay import month_of

if TYPE_CHECKING:
    from datetime import date
    from pathlib import Path

    from daihou.simulation.parameters import Parameters
    from simulation.replay import Risk, Seen

Z = 1.959964
FEWEST = 8  # comes and misses below which a chance is not judged: intervals of few are too wide or too narrow to count

Interval = tuple[float, float, float]
"""Lower end, upper end, truth."""


def intervals(given: Parameters, folder: Path, seen: Seen, first_on: date, months: int) -> dict[str, Interval]:
    """An interval and the truth of each parameter, by name."""
    found = dict(_chances(given, seen))
    for name, truth, (came, count) in _shares(given, folder):
        if min(came, count - came) >= FEWEST:
            found[name] = (*wilson(came, count), truth)
    for name, days in seen.days.items():
        low, high = getattr(given, name)
        found[f"mean of {name}"] = (*_mean(days, ((high - low + 1) ** 2 - 1) / 12), (low + high) / 2)
    for name, fractions in seen.fractions.items():
        low, high = _span(given, name)
        found[f"mean of {name}"] = (*_mean(fractions, (high - low) ** 2 / 12), (low + high) / 2)
    found.update(_income(given, folder, first_on, months))
    found.update(_missing(given, seen, months))
    return found


def wilson(came: int, count: int) -> tuple[float, float]:
    """Wilson's interval of a chance."""
    share, spread = came / count, Z**2 / count
    middle, half = share + spread / 2, Z * np.sqrt(share * (1 - share) / count + spread / 4 / count)
    return (middle - half) / (1 + spread), (middle + half) / (1 + spread)


def _mean(values: list[Any], variance: float) -> tuple[float, float]:
    half = Z * np.sqrt(variance / len(values))
    return float(np.mean(values)) - half, float(np.mean(values)) + half


def _span(given: Parameters, name: str) -> tuple[float, float]:
    if name.startswith("spend of "):
        return next(product.spend for product in given.products if f"spend of {product.product}" == name)
    span: tuple[float, float] = getattr(given, name)
    return span


def _chances(given: Parameters, seen: Seen) -> dict[str, Interval]:
    truth = {
        name: getattr(given, name) for name in ("extend", "restructure", "settle", "part", "recovery", "late", "bounce")
    }
    truth |= {f"cure {step}": chance for step, chance in enumerate(given.cure, 1)}
    truth |= {f"keep {step}": chance for step, chance in enumerate(given.keep, 1)}
    truth |= {f"full of {product.product}": product.full for product in given.products if not product.terms}
    assert set(seen.chances) <= set(truth)
    judged = {name: (came, count) for name, (came, count) in seen.chances.items() if min(came, count - came) >= FEWEST}
    return {name: (*wilson(came, count), truth[name]) for name, (came, count) in judged.items()}


def _shares(given: Parameters, folder: Path) -> list[tuple[str, float, tuple[int, int]]]:
    """What each borrower or loan is: how many of how many."""
    loans = pl.read_parquet(sorted(folder.glob("loans-*.parquet"))).unique("loan_id", keep="first", maintain_order=True)
    people = pl.read_parquet(sorted((folder / "truth").glob("habits-*.parquet")))
    circle = people.filter(pl.col("circle").is_not_null())["borrower_id"]
    orgs = pl.read_parquet(sorted(folder.glob("borrowers-*.parquet")))["org_id"].to_list()
    each = loans.group_by("borrower_id").len()["len"].to_list()
    loans = loans.filter(~pl.col("borrower_id").is_in(circle.implode()))  # of a circle nothing is left to chance
    counts: list[tuple[str, dict[Any, float], list[Any]]] = [
        ("loans each", given.loans_each, each),
        ("habit", given.habits, people["habit"].to_list()),
        ("org", given.orgs, orgs),
        ("product", {product.product: product.share for product in given.products}, loans["product"].to_list()),
    ]
    if given.partners:
        counts.append(("partner", given.partners, loans["partner_id"].to_list()))
    plans = (
        pl.read_parquet(sorted(folder.glob("instalments-*.parquet")))
        .group_by("loan_id")
        .agg(pl.col("seq").max().alias("term"))
    )
    with_terms = loans.join(plans, on="loan_id", how="left")
    for product in given.products:
        rows = with_terms.filter(pl.col("product") == product.product)
        counts.append(
            (f"amount of {product.product}", product.amounts, [int(amount) for amount in rows["principal"].to_list()])
        )
        if product.terms:
            counts.append((f"term of {product.product}", product.terms, rows["term"].to_list()))
    found = []
    for name, shares, values in counts:
        counted = Counter(values)
        assert set(counted) <= set(shares), name
        told = [(f"{name} {value}", share, (counted[value], len(values))) for value, share in shares.items()]
        found += told if len(told) > 2 else told[1:]  # of two shares one says all
    return found


def _income(given: Parameters, folder: Path, first_on: date, months: int) -> dict[str, Interval]:
    """How often trouble with income begins, and ends."""
    shocks = pl.read_parquet(sorted((folder / "truth").glob("shocks-*.parquet")))
    people = pl.read_parquet(sorted((folder / "truth").glob("habits-*.parquet"))).height
    spans = [tuple(month_of(day, first_on) for day in row) for row in shocks.select("from_on", "until_on").iter_rows()]
    ended = sum(ends < months for _, ends in spans)
    could_end = sum(min(ends, months - 1) - begins for begins, ends in spans)
    # A month is spent without trouble, or in it, or ends it: none begins in the month in which one ended.
    could_begin = people * months - could_end
    return {
        "shock_begins": (*wilson(len(spans), could_begin), given.shock_begins),
        "shock_ends": (*wilson(ended, could_end), given.shock_ends),
    }


def _missing(given: Parameters, seen: Seen, months: int) -> dict[str, Interval]:
    """What moves the log odds of missing a due date: a logistic regression on all due dates at risk."""
    months_, factors = zip(*given.macro_path, strict=True)
    factor = np.interp(np.arange(months), months_, factors)
    products = [product.product for product in given.products]
    names = [f"miss of {product}" for product in products] + ["macro_effect", "shock_effect", "young", "old"]
    truth = [float(np.log(product.miss / (1 - product.miss))) for product in given.products]
    truth += [given.macro_effect, given.shock_effect, given.young, given.old]
    local = [trouble for trouble in given.troubles if trouble.where != "circle"]
    names += [f"trouble of {trouble.name}" for trouble in local]
    truth += [trouble.effect for trouble in local]

    def covariates(risk: Risk) -> list[float]:
        product, month, shocked, age, _, troubles = risk
        young, old = 0 <= age <= given.young_until, age >= given.old_from
        return [*(float(product == one) for one in products), factor[month], shocked, young, old, *troubles]

    known = np.array([covariates(risk) for risk in seen.at_risk], float)
    count = np.array(list(seen.at_risk.values()), float)
    missed = np.array([seen.missed[risk] for risk in seen.at_risk], float)
    there: np.ndarray[Any, Any] = np.asarray(known.any(axis=0))  # terms too short to be old leave no column
    effects = np.zeros(known.shape[1])
    effects[: len(products)] = -3
    for _ in range(30):
        chance = 1 / (1 + np.exp(-known @ effects))
        weight = count * chance * (1 - chance)
        information = (known[:, there].T * weight) @ known[:, there]
        step = np.linalg.solve(information, known[:, there].T @ (missed - count * chance))
        effects[there] += np.clip(step, -1, 1)  # else a first step too long runs away
    error = np.zeros(len(effects))
    error[there] = np.sqrt(np.diag(np.linalg.inv(information)))
    return {
        name: (effects[place] - Z * error[place], effects[place] + Z * error[place], truth[place])
        for place, name in enumerate(names)
        if there[place]
    }
