"""What stands behind a loan: securities, their values, guarantees."""

from daihou.book.contracts.table import EFFECTIVE_ON, Table, choices, optional, required

FORMS = choices(
    ("general", "General guarantee", "一般保证"),
    ("joint", "Joint and several guarantee", "连带责任保证"),
    ("maximum_amount", "Guarantee up to a maximum", "最高额保证"),
)

TABLES = (
    Table(
        "securities",
        "versioned",
        ("security_id",),
        "Things mortgaged or pledged",
        "抵质押物",
        (
            required("security_id", "id", "Number of the security", "押品编号"),
            required("kind", "code", "Kind of thing", "押品类型", extensible=True),
            optional("loan_id", "id", "Loan it secures", "贷款编号"),
            optional("facility_id", "id", "Facility it secures", "授信编号"),
            optional("rank", "integer", "Rank of our right", "顺位"),
            optional("registered_on", "date", "Day our right was registered", "登记日"),
            optional("expires_on", "date", "Day the registration ends", "登记到期日"),
            optional("insured_to", "date", "Last day of its insurance", "保险到期日"),
            optional("seized_on", "date", "Day others seized it", "被查封日"),
            EFFECTIVE_ON,
        ),
        own_on="effective_on",
    ),
    Table(
        "valuations",
        "event",
        ("security_id", "valued_on"),
        "What a security was worth on a day",
        "押品估值",
        (
            required("security_id", "id", "Security", "押品编号"),
            required("valued_on", "date", "Day of the value", "估值日"),
            required("amount", "money", "Value", "估值金额"),
            optional("method", "text", "How it was valued", "估值方法"),
        ),
        own_on="valued_on",
    ),
    Table(
        "guarantees",
        "versioned",
        ("guarantee_id",),
        "Guarantees given for a loan or facility",
        "保证担保",
        (
            required("guarantee_id", "id", "Number of the guarantee", "保证编号"),
            required("guarantor_id", "id", "Who guarantees", "保证人客户号"),
            optional("loan_id", "id", "Loan it is for", "贷款编号"),
            optional("facility_id", "id", "Facility it is for", "授信编号"),
            optional("form", "code", "Form of the guarantee", "保证方式", choices=FORMS),
            optional("cap", "money", "Most the guarantor owes", "担保最高额"),
            optional("period_end", "date", "Last day of the guarantee period", "保证期间届满日"),
            EFFECTIVE_ON,
        ),
        own_on="effective_on",
    ),
)
