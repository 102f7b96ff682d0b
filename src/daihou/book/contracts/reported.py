"""The lender's own figures, for tying out: standings, control totals, other exposures and exchange rates."""

from daihou.book.contracts.table import EFFECTIVE_ON, Table, choices, optional, required

EXPOSURES = choices(
    ("acceptance", "Acceptance", "银行承兑汇票"),
    ("guarantee", "Guarantee issued", "保函"),
    ("letter_of_credit", "Letter of credit", "信用证"),
    ("advance", "Money advanced", "垫款"),
)

TABLES = (
    Table(
        "standings",
        "event",
        ("loan_id", "as_of"),
        "The lender's own period-end figures of a loan",
        "贷款人自报的期末状态",
        (
            required("loan_id", "id", "Loan", "贷款编号"),
            required("as_of", "date", "Day the figures are of", "数据日"),
            optional("dpd", "integer", "Days past due", "逾期天数"),
            optional("principal_outstanding", "money", "Principal outstanding", "本金余额"),
            optional("interest_on_book", "money", "Interest due on the book", "表内应收利息"),
            optional("interest_off_book", "money", "Interest due off the book", "表外应收利息"),
            optional("amount_due", "money", "Due in the period", "当期应还"),
            optional("amount_paid", "money", "Paid in the period", "当期实还"),
            optional("credit_limit", "money", "Credit limit", "信用额度"),
            optional("grade", "text", "Risk grade", "风险分类"),
        ),
        own_on="as_of",
    ),
    Table(
        "control_totals",
        "event",
        ("as_of", "org_id", "product", "currency"),
        "Totals of the core system or general ledger",
        "核心系统或总账的控制总数",
        (
            required("as_of", "date", "Day of the totals", "数据日"),
            optional("org_id", "id", "Org; empty: all", "机构号，空为全部"),
            optional("product", "id", "Product; empty: all", "产品代码，空为全部"),
            optional(
                "currency", "code", "Currency, ISO 4217; empty: all, in the base currency", "币种，空为全部折本位币"
            ),
            optional("loans", "integer", "Number of loans", "贷款笔数"),
            optional("balance", "signed_money", "Principal outstanding", "本金余额"),
            optional("overdue", "signed_money", "Amount overdue", "逾期金额"),
        ),
        own_on="as_of",
    ),
    Table(
        "exposures",
        "versioned",
        ("exposure_id",),
        "What a borrower may come to owe beside loans",
        "贷款以外的表外及其他风险敞口",
        (
            required("exposure_id", "id", "Number of the exposure", "业务编号"),
            required("borrower_id", "id", "Borrower", "客户号"),
            required("kind", "code", "Kind of exposure", "业务类型", choices=EXPOSURES),
            required("amount", "money", "Amount", "金额"),
            EFFECTIVE_ON,
        ),
        own_on="effective_on",
    ),
    Table(
        "fx_rates",
        "event",
        ("currency", "rate_on"),
        "Price of one unit of a currency in the base currency",
        "汇率（一单位外币折本位币）",
        (
            required("currency", "code", "Currency, ISO 4217", "币种（ISO 4217）"),
            required("rate_on", "date", "Day of the rate", "汇率日期"),
            required("rate", "rate", "Base currency for one unit", "一单位外币折合本位币", positive=True),
        ),
        own_on="rate_on",
    ),
)
