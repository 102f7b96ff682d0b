"""The charts of how a book moves, made from the frames that tell it: pure functions, in English or Chinese."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import polars as pl

from daihou.runs.portfolio.chart import Chart, Series

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Sequence

STATES: Final = {
    "not_started": ("not started", "未发放"), "unmeasured": ("unmeasured", "无法计量"), "closed": ("closed", "结清"),
    "transferred": ("transferred", "已转出"), "written_off": ("written off", "已核销"), "absent": ("not known", "未获知"),
}  # fmt: skip


def ageing_chart(found: pl.DataFrame, *, chinese: bool = False) -> Chart:
    """Share of the live balance past due by bucket, over time; of an ageing without further groups. The first bucket is not drawn."""
    live = found.filter(pl.col("standing").cast(pl.String).is_in(list(STATES)).not_())
    dates = _dates(found)
    cells = _cells(live, ("standing", "as_of"), "balance_share")
    told = {day for (_, day), share in cells.items() if share is not None}
    return Chart(
        _in(chinese, "Share of live balance past due", "逾期余额占存续余额的比例"),
        "areas",
        tuple(map(str, dates)),
        tuple(
            Series(label, tuple(cells.get((label, day), 0.0 if day in told else None) for day in dates))
            for label in _order(live, "standing")
            if label != _first(found["standing"])
        ),
        x_name=_in(chinese, "date", "日期"),
        y_name=_in(chinese, "share of balance", "余额占比"),
    )


def roll_chart(found: pl.DataFrame, *, chinese: bool = False) -> Chart:
    """Roll rates by balance over time, a line for each step from bucket to bucket."""
    dates, steps = _dates(found), found.select("from", "to").unique(maintain_order=True).rows()
    cells = _cells(found, ("from", "to", "as_of"), "balance_rate")
    return Chart(
        _in(chinese, "Roll rate by balance, month to month", "滚动率（按余额，逐月）"),
        "lines",
        tuple(map(str, dates)),
        tuple(
            Series(f"{earlier} → {later}", tuple(cells.get((earlier, later, day)) for day in dates))
            for earlier, later in steps
        ),
        x_name=_in(chinese, "date", "日期"),
        y_name=_in(chinese, "roll rate", "滚动率"),
    )


def migration_chart(found: pl.DataFrame, *, chinese: bool = False) -> Chart:
    """The share of the loans of each row that went to each column."""
    cells = _cells(found, ("from", "to"), "loans_share")
    starts, ends = _order(found, "from"), _order(found, "to")
    return Chart(
        _in(chinese, "Where loans stand a step later, share of each row", "迁徙矩阵（各起始状态的去向占比）"),
        "heat_map",
        tuple(_state(end, chinese=chinese) for end in ends),
        tuple(
            Series(_state(start, chinese=chinese), tuple(cells.get((start, end), 0.0) for end in ends))
            for start in starts
        ),
        x_name=_in(chinese, "to", "期末状态"),
        y_name=_in(chinese, "from", "期初状态"),
    )


def vintage_chart(
    found: pl.DataFrame, days: int | None = None, *, cohort: str = "month", chinese: bool = False
) -> Chart:
    """Share of loans ever bad by months on book, a line a cohort, the newest strongest."""
    bad = (f"{days} days past due", f"逾期{days}天以上") if days is not None else ("late", "逾期")
    return _curves(
        found,
        "months_on_book",
        "bad_share",
        _in(
            chinese,
            f"Ever {bad[0]} or written off, share of loans, by months on book",
            f"曾{bad[1]}或核销的笔数占比，按账龄（月）",
        ),
        (_in(chinese, "months on book", "账龄（月）"), _in(chinese, "share of loans", "笔数占比")),
        cohort,
    )


def first_payment_chart(found: pl.DataFrame, *, cohort: str = "month", chinese: bool = False) -> Chart:
    """First-payment default by cohort of disbursement, a bar for each number of days."""
    names = [name for name in found.columns if name.startswith("fpd_") and name.endswith("_rate")]
    key = found.columns[: found.columns.index("loans")]
    return Chart(
        _in(chinese, "First-payment default, share of loans due", "首期逾期率，占首期已到期笔数"),
        "bars",
        tuple(_named(row, cohort) for row in found.select(key).rows()),
        tuple(
            Series(f"FPD{name.removeprefix('fpd_').removesuffix('_rate')}", tuple(found[name].to_list()))
            for name in names
        ),
        x_name=_in(chinese, "disbursed in", "放款批次"),
        y_name=_in(chinese, "share of loans", "笔数占比"),
    )


def prepayment_chart(found: pl.DataFrame, *, chinese: bool = False) -> Chart:
    """Conditional prepayment rate over time, a line a currency (and group)."""
    key = [name for name in found.columns[: found.columns.index("loans_before")] if name != "as_of"]
    dates, groups = _dates(found), found.select(key).unique(maintain_order=True).rows()
    cells = _cells(found, (*key, "as_of"), "cpr")
    return Chart(
        _in(chinese, "Prepayment, annualised share of balance (CPR)", "提前还款率，年化，占余额（CPR）"),
        "lines",
        tuple(map(str, dates)),
        tuple(
            Series(_named(group), tuple(cells.get((*group, day)) for day in dates)) for group in sorted(groups, key=str)
        ),
        x_name=_in(chinese, "date", "日期"),
        y_name=_in(chinese, "CPR", "年化提前还款率"),
    )


def recovery_chart(found: pl.DataFrame, *, cohort: str = "month", chinese: bool = False) -> Chart:
    """Share of the written-off amount that came back, by months since; a line a cohort, the newest strongest."""
    return _curves(
        found,
        "months_since_write_off",
        "recovered_share",
        _in(
            chinese,
            "Recovered after write-off, share of amount, by months since",
            "核销后回收率，占核销金额，按核销后月数",
        ),
        (_in(chinese, "months since write-off", "核销后月数"), _in(chinese, "share of amount", "金额占比")),
        cohort,
    )


def concentration_chart(found: pl.DataFrame, *, chinese: bool = False) -> Chart:
    """The share of the largest and the Herfindahl-Hirschman index, over time."""
    dates = _dates(found)
    lines = (
        ("hhi", _in(chinese, "sum of squared shares (HHI)", "赫芬达尔指数（HHI）")),
        ("top_share", _in(chinese, "share of the largest", "前几大占比")),
    )
    return Chart(
        _in(chinese, "Concentration of the live balance", "存续余额集中度"),
        "lines",
        tuple(map(str, dates)),
        tuple(Series(label, tuple(found.sort("as_of")[name].to_list())) for name, label in lines),
        x_name=_in(chinese, "date", "日期"),
        y_name=_in(chinese, "share of balance", "余额占比"),
    )


CHARTS: Final[dict[str, Callable[..., Chart]]] = {
    "ageing": ageing_chart, "rolls": roll_chart, "migration": migration_chart, "vintages": vintage_chart,
    "first_payments": first_payment_chart, "prepayment": prepayment_chart, "recoveries": recovery_chart,
    "concentration": concentration_chart,
}  # fmt: skip
"""By the table that they are made from."""


def _curves(found: pl.DataFrame, age: str, share: str, title: str, names: tuple[str, str], cohort: str) -> Chart:
    """A line a cohort, over ages from 0 to the greatest."""
    key = found.columns[: found.columns.index(age)]
    if found["currency"].n_unique() < 2:
        key.remove("currency")
    groups = found.select(key).unique(maintain_order=True).sort(key).rows()
    cells = _cells(found, (*key, age), share)
    oldest = found[age].max()
    ages = range(oldest + 1) if isinstance(oldest, int) else range(0)
    return Chart(
        title,
        "lines",
        tuple(map(str, ages)),
        tuple(Series(_named(group, cohort), tuple(cells.get((*group, month)) for month in ages)) for group in groups),
        x_name=names[0],
        y_name=names[1],
    )


def _cells(found: pl.DataFrame, key: Sequence[str], value: str) -> dict[tuple[Any, ...], float | None]:
    """A column by what tells its rows apart; ValueError where something is left over, such as groups that cannot be drawn in one chart."""
    rows = found.select(*key, value).with_columns(pl.col(pl.Enum).cast(pl.String))
    cells = {row[:-1]: row[-1] for row in rows.iter_rows()}
    if len(cells) != found.height:
        raise ValueError(f"{value} has several rows for one {', '.join(key)}: choose one group before drawing")
    return cells


def _dates(found: pl.DataFrame) -> list[dt.date]:
    return found["as_of"].unique().sort().to_list()


def _order(found: pl.DataFrame, name: str) -> list[str]:
    """The values of a column in the order of its Enum, without those that do not occur."""
    return [str(value) for value in found[name].unique().drop_nulls().sort()]


def _first(column: pl.Series) -> str:
    """The first of a scheme's buckets, whether it occurs or not."""
    kind = column.dtype
    return str(kind.categories[0]) if isinstance(kind, pl.Enum) else str(column.sort().first())


def _named(parts: Sequence[Any], cohort: str = "month") -> str:
    """A name from the parts that tell a series apart; of a cohort's first day its month, quarter or year."""
    return " ".join(
        "-" if part is None else _of(part, cohort) if hasattr(part, "month") else str(part) for part in parts
    )


def _of(day: dt.date, cohort: str) -> str:
    if cohort == "quarter":
        return f"{day.year} Q{(day.month + 2) // 3}"
    return f"{day:%Y}" if cohort == "year" else f"{day:%Y-%m}"


def _state(name: str, *, chinese: bool) -> str:
    return _in(chinese, *STATES[name]) if name in STATES else name


def _in(chinese: bool, en: str, zh: str) -> str:  # noqa: FBT001 - which of the two, read at a glance
    return zh if chinese else en
