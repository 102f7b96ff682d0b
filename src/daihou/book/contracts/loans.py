"""The loan itself, and the instalments it is to be repaid in."""

from daihou.book.contracts.table import Table, choices, optional, required

ASSET_CLASSES = choices(
    ("corporate", "Corporate", "公司类贷款"),
    ("small_business", "Small business", "小微企业贷款"),
    ("personal", "Personal", "个人贷款"),
    ("card", "Credit card", "信用卡"),
)
METHODS = choices(
    ("annuity", "Annuity, level payments", "等额本息"),
    ("equal_principal", "Equal principal", "等额本金"),
    ("flat", "Flat rate", "等本等息"),
    ("interest_only", "Interest only, principal at the end", "按期付息到期还本"),
    ("bullet", "Bullet, all at the end", "到期一次还本付息"),
    ("balloon", "Balloon", "气球贷"),
    ("irregular", "Irregular plan", "不规则还款"),
    ("revolving", "Revolving", "循环额度"),
)
RATE_TYPES = choices(("fixed", "Fixed", "固定利率"), ("floating", "Floating", "浮动利率"))
DAY_COUNTS = choices(("360", "Year of 360 days", "一年按 360 天"), ("365", "Year of 365 days", "一年按 365 天"))
SECURITY = choices(
    ("unsecured", "Unsecured", "信用"),
    ("guaranteed", "Guaranteed", "保证"),
    ("mortgaged", "Mortgaged", "抵押"),
    ("pledged", "Pledged", "质押"),
)
RISK_BEARERS = choices(
    ("own", "The lender", "本机构"), ("partner", "The partner", "合作方"), ("shared", "Both, by share", "按份共担")
)

TABLES = (
    Table(
        "loans",
        "versioned",
        ("loan_id",),
        "Loans paid out. Later rows are versions; each day uses the version in force",
        "贷款（借据）。同一编号的后续行为新版本，各日适用当日有效版本",
        (
            required("loan_id", "id", "The lender's number of the loan", "贷款编号（借据号）"),
            required("borrower_id", "id", "Who owes", "客户号"),
            required("product", "id", "Product code; policies hang on it", "产品代码"),
            required("principal", "money", "Amount of the loan (the limit, if revolving)", "贷款本金（循环类为额度）"),
            required("disbursed_on", "date", "Day the money was paid out", "放款日"),
            optional("matures_on", "date", "Last day of the loan; required unless revolving", "到期日，循环类可空"),
            optional(
                "currency", "code", "Currency, ISO 4217; never changes", "币种（ISO 4217），不得变更", default="CNY"
            ),
            optional("facility_id", "id", "Facility it is drawn under", "授信编号"),
            optional("project_id", "id", "Project it finances", "项目编号"),
            optional("org_id", "id", "Org that books the loan", "经办机构号"),
            optional("officer_id", "id", "Officer in charge", "管户客户经理号"),
            optional("partner_id", "id", "Partner of a joint loan", "合作方编号"),
            optional("own_share", "ratio", "Our own share of a joint loan", "本机构出资比例", default="1"),
            optional("risk_bearer", "code", "Who bears the loss", "风险承担方", choices=RISK_BEARERS, extensible=True),
            optional("on_balance", "boolean", "Whether it stands on our balance sheet", "是否表内", default="true"),
            optional("asset_class", "code", "Asset class", "资产类别", choices=ASSET_CLASSES, extensible=True),
            optional("repayment_method", "code", "How it is repaid", "还款方式", choices=METHODS),
            optional("rate_type", "code", "Fixed or floating", "利率类型", choices=RATE_TYPES, extensible=True),
            optional("annual_rate", "rate", "Contract rate a year, as a fraction", "年利率（小数）"),
            optional("penalty_rate", "rate", "Penalty rate a year, as a fraction", "罚息年利率（小数）"),
            optional("day_count", "code", "Days of a year for interest", "计息基础", choices=DAY_COUNTS),
            optional("purpose", "text", "Agreed use of the money", "贷款用途"),
            optional("security", "code", "Kind of security", "担保方式", choices=SECURITY),
            optional(
                "grace_days",
                "integer",
                "Days of grace of this loan; goes before the product's",
                "宽限期天数，优先于产品规定",
            ),
            optional("closed_on", "date", "Day the loan was settled in the core system", "结清日"),
            optional("effective_on", "date", "From when this version holds", "该版本生效日"),
        ),
        own_on="effective_on",
    ),
    Table(
        "instalments",
        "versioned",
        ("loan_id", "seq"),
        "What is due when. Rows are versions of one instalment (loan_id, seq)",
        "还款计划。每行为某期（贷款编号、期次）的一个版本",
        (
            required("loan_id", "id", "Loan", "贷款编号"),
            required("seq", "integer", "Number of the instalment in its loan", "期次"),
            required("due_on", "date", "Day it is due", "应还日"),
            required("principal", "money", "Principal due", "应还本金"),
            required("interest", "money", "Interest due", "应还利息"),
            optional("fee", "money", "Fee due", "应还费用", default="0"),
            optional(
                "effective_on",
                "date",
                "From when this version holds; empty: from pay-out, or from when it was known",
                "该版本生效日；空则自放款日或获知日起",
            ),
            optional(
                "cancelled", "boolean", "Whether the instalment is no longer due", "是否取消该期", default="false"
            ),
        ),
        own_on="effective_on",
    ),
)
