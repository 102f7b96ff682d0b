"""Accounts and the money seen on them, and what credit bureaus report."""

from daihou.book.contracts.table import EFFECTIVE_ON, Table, choices, optional, required, vaulted

ACCOUNT_PURPOSES = choices(
    ("operating", "Operating", "结算账户"),
    ("supervised", "Supervised", "监管账户"),
    ("repayment", "Repayment", "还款账户"),
    ("escrow", "Escrow", "托管账户"),
)

TABLES = (
    Table(
        "accounts",
        "versioned",
        ("account_id",),
        "Accounts of borrowers",
        "借款人账户",
        (
            required("account_id", "id", "Opaque number of the account", "账户编号（脱敏）"),
            required("borrower_id", "id", "Whose it is", "客户号"),
            optional("purpose", "code", "What it is for", "账户用途", choices=ACCOUNT_PURPOSES),
            EFFECTIVE_ON,
        ),
        own_on="effective_on",
    ),
    Table(
        "transactions",
        "event",
        ("txn_id",),
        "Money in and out of an account",
        "账户流水",
        (
            required("txn_id", "id", "Number of the transaction", "交易流水号"),
            required("account_id", "id", "Account", "账户编号"),
            required("booked_at", "timestamp", "When it was booked", "记账时间"),
            required("amount", "signed_money", "Amount; in is positive, out is negative", "金额，收为正、付为负"),
            optional("balance", "signed_money", "Balance after it", "交易后余额"),
            vaulted("counterparty", "text", "Name of the other side; for the vault", "对手方名称，入保险库"),
            optional("counterparty_kind", "text", "Class of the other side", "对手方类别"),
            vaulted("memo", "text", "Remark as written; for the vault", "摘要原文，入保险库"),
            optional("loan_id", "id", "Loan whose money it is", "对应贷款编号"),
        ),
        own_on="booked_at",
    ),
    Table(
        "bureau_reports",
        "event",
        ("report_id",),
        "Reports fetched from a credit bureau",
        "征信报告",
        (
            required("report_id", "id", "Number of the report", "报告编号"),
            required("borrower_id", "id", "Whom it is about", "客户号"),
            required("queried_on", "date", "Day it was fetched", "查询日"),
            optional("score", "integer", "Score of the bureau", "征信评分"),
            optional("inquiries_3m", "integer", "Inquiries in three months", "近三个月查询次数"),
        ),
        own_on="queried_on",
    ),
    Table(
        "bureau_lines",
        "plain",
        (),
        "Credits listed in a bureau report; a report's lines have no key and are all kept",
        "征信报告中的信贷账户明细，逐行保留",
        (
            required("report_id", "id", "Report", "报告编号"),
            optional("lender", "text", "Lender", "授信机构"),
            optional("product", "text", "Product", "业务种类"),
            optional("limit", "money", "Limit", "授信额度"),
            optional("balance", "money", "Balance", "余额"),
            optional("dpd", "integer", "Days past due", "逾期天数"),
            optional("opened_on", "date", "Day it was opened", "开户日"),
            optional("status", "text", "Status", "账户状态"),
        ),
    ),
)
