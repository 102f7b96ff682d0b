"""What happens to a contract after pay-out: extensions, restructurings, write-offs, transfers."""

from daihou.book.contracts.table import Table, choices, optional, required

KINDS = choices(
    ("extension", "Extension", "展期"),
    ("renewal", "Renewal without repayment", "无还本续贷"),
    ("refinance", "Refinance of old debt", "借新还旧"),
    ("restructure", "Restructure", "重组"),
    ("rate_reset", "Rate reset", "利率调整"),
    ("deferral", "Deferral", "延期还本付息"),
    ("acceleration", "Acceleration", "宣布提前到期"),
    ("waiver", "Waiver", "减免"),
    ("capitalisation", "Capitalisation", "利息本金化"),
    ("write_off", "Write-off", "核销"),
    ("write_back", "Write-back", "核销转回"),
    ("transfer_out", "Transfer out", "债权转出"),
    ("transfer_in", "Transfer in", "债权转入"),
    ("asset_in_lieu", "Asset in lieu", "以物抵债"),
)

TABLES = (
    Table(
        "changes",
        "event",
        ("change_id",),
        "Changes of a loan agreed or decided after pay-out",
        "贷后合同变更与处置",
        (
            required("change_id", "id", "Number of the change", "变更编号"),
            required("loan_id", "id", "Loan", "贷款编号"),
            required("kind", "code", "Kind of change", "变更类型", choices=KINDS),
            required("effective_on", "date", "Day from which it holds", "生效日"),
            optional("principal", "money", "Principal concerned", "涉及本金"),
            optional("interest", "money", "Interest concerned", "涉及利息"),
            optional("fee", "money", "Fees concerned", "涉及费用"),
            optional("penalty", "money", "Penalty interest concerned", "涉及罚息"),
            optional(
                "in_difficulty", "boolean", "Whether the debtor was in financial difficulty", "债务人是否处于财务困难"
            ),
            optional("from_loan_id", "id", "Loan it continues", "原贷款编号"),
            optional("guarantor_consent_on", "date", "Day the guarantor agreed in writing", "保证人书面同意日"),
        ),
        own_on="effective_on",
    ),
)
