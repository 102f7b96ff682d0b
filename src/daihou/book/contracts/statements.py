"""Financial statements of borrowers and the economy around them."""

from daihou.book.contracts.table import Table, choices, optional, required

STATEMENTS = choices(
    ("balance", "Balance sheet", "资产负债表"),
    ("income", "Income statement", "利润表"),
    ("cashflow", "Cash flow statement", "现金流量表"),
)

TABLES = (
    Table(
        "statements",
        "event",
        ("borrower_id", "period_end", "kind", "item", "months", "consolidated"),
        "Items of financial statements, one row each",
        "财务报表科目，一行一项",
        (
            required("borrower_id", "id", "Borrower", "客户号"),
            required("period_end", "date", "Last day of the period", "报告期末"),
            required("kind", "code", "Which statement", "报表类型", choices=STATEMENTS),
            required("item", "text", "Item", "科目"),
            required("amount", "signed_money", "Amount", "金额"),
            optional("months", "integer", "Months the period covers", "覆盖月数"),
            optional("currency", "code", "Currency, ISO 4217", "币种（ISO 4217）", default="CNY"),
            optional("consolidated", "boolean", "Whether of the whole group", "是否合并口径"),
            optional("audited", "boolean", "Whether audited", "是否经审计"),
        ),
        own_on="period_end",
    ),
    Table(
        "macro",
        "event",
        ("series", "period_end"),
        "Series of the economy",
        "宏观经济指标",
        (
            required("series", "id", "Series; policy market says which are read", "指标，由制度 market 指定取用哪些"),
            required("period_end", "date", "Last day of the period", "期末"),
            required("value", "number", "Value as published", "公布的数值"),
        ),
        own_on="period_end",
    ),
)
