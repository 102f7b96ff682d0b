"""The columns of the market family: the same on the row of every loan and borrower of a date. Which series is which, policy says."""

from __future__ import annotations

from typing import Final

from daihou.monitoring.catalogue import Family, Measure

MEASURES: Final = (
    Measure("house_price_change_12m", "House prices against 12 months before", "房价同比变动", "share",
            "Change of the index of house prices against the same month a year before", "房价指数较上年同月的变动幅度", "low", signed=True),
    Measure("unemployment", "Unemployment", "失业率", "rate", "Rate of unemployment", "失业率", "high"),
    Measure("unemployment_change_12m", "Unemployment against 12 months before", "失业率同比变动", "rate",
            "Its difference from the same month a year before: 0.01 is one percentage point", "失业率较上年同月的差，0.01 为一个百分点", "high", signed=True),
    Measure("lending_rate", "Lending rate", "贷款市场利率", "rate", "Rate of the market for loans of a year", "一年期贷款市场报价利率（LPR）等市场利率", "high"),
    Measure("lending_rate_change_12m", "Lending rate against 12 months before", "贷款市场利率同比变动", "rate",
            "Its difference from the same month a year before: 0.01 is one percentage point", "贷款市场利率较上年同月的差，0.01 为一个百分点", "high", signed=True),
    Measure("purchasing_index", "Purchasing managers' index", "采购经理指数", "number",
            "Index of purchasing managers; below 50 the economy shrinks", "采购经理指数（PMI），低于50表示收缩", "low"),
    Measure("purchasing_index_months_below_50", "Months with the index below 50", "采购经理指数连续低于50的月数", "months",
            "Months in a row, up to the newest, with the index below 50; 0 if that is not", "截至最近一期采购经理指数连续低于50的月数，最近一期不低于50则为0", "high"),
)  # fmt: skip

MARKET: Final = Family("market", "market", "Market", "市场环境", ("macro",), MEASURES)
