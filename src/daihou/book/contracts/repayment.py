"""Money that moves on a loan: payments, charges, draws and bills."""

from daihou.book.contracts.table import Table, choices, optional, required

PURPOSES = choices(
    ("scheduled", "Scheduled", "按计划还款"),
    ("prepayment", "Prepayment", "提前还本"),
    ("payoff", "Payoff", "提前结清"),
    ("recovery", "Recovery after write-off", "核销后收回"),
    ("compensation", "Compensation by a guarantor or insurer", "代偿"),
    ("refund", "Refund", "退款"),
)
PAYERS = choices(
    ("borrower", "Borrower", "借款人"),
    ("guarantor", "Guarantor", "保证人"),
    ("partner", "Partner", "合作方"),
    ("collateral", "Sale of security", "押品处置"),
    ("court", "Court", "法院执行"),
)
CHARGES = choices(
    ("penalty_interest", "Penalty interest", "罚息"),
    ("compound_interest", "Compound interest", "复利"),
    ("fee", "Fee", "费用"),
    ("legal_cost", "Legal cost", "诉讼费用"),
    ("advance", "Money advanced", "垫款"),
)

TABLES = (
    Table(
        "payments",
        "event",
        ("payment_id",),
        "Money received or given back. A row with `reverses` voids the payment it names",
        "还款流水。填写 reverses 的行冲销所指流水",
        (
            required("payment_id", "id", "Number of the payment", "还款流水号"),
            required("loan_id", "id", "Loan", "贷款编号"),
            required("paid_on", "date", "Value date", "还款日（起息日）"),
            required("amount", "money", "Amount; always above zero", "金额，须大于零", positive=True),
            optional("purpose", "code", "What it was for", "还款类型", default="scheduled", choices=PURPOSES),
            optional("payer_kind", "code", "Who paid", "付款方类型", choices=PAYERS),
            optional("seq", "integer", "Instalment it was meant for", "指定期次"),
            optional(
                "principal",
                "money",
                "Part that is principal; parts must sum to the amount",
                "其中本金；各项之和须等于金额",
            ),
            optional("interest", "money", "Part that is interest", "其中利息"),
            optional("fee", "money", "Part that is fee", "其中费用"),
            optional("penalty", "money", "Part that is penalty interest", "其中罚息"),
            optional("reverses", "id", "Payment this row voids", "被冲销的流水号"),
            optional("channel", "text", "Way it was paid", "还款渠道"),
        ),
        own_on="paid_on",
    ),
    Table(
        "charges",
        "event",
        ("charge_id",),
        "Penalty interest and costs charged outside the plan",
        "计划外收取的罚息、复利与费用",
        (
            required("charge_id", "id", "Number of the charge", "费用编号"),
            required("loan_id", "id", "Loan", "贷款编号"),
            required("kind", "code", "Kind of charge", "费用类型", choices=CHARGES),
            required("from_on", "date", "Day from which it counts", "计收起始日"),
            optional("to_on", "date", "Last day it was reckoned for", "计收截止日"),
            required("amount", "money", "Amount; always above zero", "金额，须大于零", positive=True),
            optional("reverses", "id", "Charge this row voids", "被冲销的费用编号"),
        ),
        own_on="from_on",
    ),
    Table(
        "draws",
        "event",
        ("loan_id", "drawn_on"),
        "Money drawn under a line. One row a day: draws of one day are sent as their sum",
        "循环额度提款。每日一行，同日多笔合并为一个金额",
        (
            required("loan_id", "id", "Loan", "贷款编号"),
            required("drawn_on", "date", "Day of the draw", "提款日"),
            required(
                "amount", "money", "Sum drawn that day; always above zero", "当日提款合计，须大于零", positive=True
            ),
        ),
        own_on="drawn_on",
    ),
    Table(
        "bills",
        "event",
        ("loan_id", "bill_on"),
        "Bills of cards and revolving lines",
        "信用卡及循环额度账单",
        (
            required("loan_id", "id", "Loan", "贷款编号"),
            required("bill_on", "date", "Day of the bill", "账单日"),
            required("due_on", "date", "Last day to pay", "到期还款日"),
            required("balance", "signed_money", "Balance of the bill; negative when overpaid", "账单余额，溢缴为负"),
            required("minimum_due", "money", "Least to pay", "最低还款额"),
        ),
        own_on="bill_on",
    ),
)
