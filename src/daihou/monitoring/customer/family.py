"""The columns of the customer family, in the order of their table: each from the row of the borrower in force on the date."""

from __future__ import annotations

from typing import Final

from daihou.monitoring.catalogue import Family, Measure
from daihou.monitoring.codes import of_contract

MEASURES: Final = (
    Measure("borrower_kind", "Kind of borrower", "客户类型", "code", "Person or company", "自然人（person）或企业（company）",
            choices=of_contract("borrowers", "kind")),
    Measure("industry", "Industry", "所属行业", "code", "Industry code as the lender sent it", "贷款人报送的行业代码"),
    Measure("size", "Size of the firm", "企业规模", "code", "Size class as the lender sent it", "贷款人报送的企业规模"),
    Measure("group_id", "Group", "集团客户号", "id", "Group of connected borrowers", "所属集团客户"),
)  # fmt: skip

CUSTOMER: Final = Family("customer", "borrower", "Customer", "客户信息", ("borrowers",), MEASURES)
