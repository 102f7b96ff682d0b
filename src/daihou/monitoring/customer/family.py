"""The columns of the customer family, in the order of their table: each from the row of the borrower in force on the date."""

from __future__ import annotations

from typing import Final

from daihou.monitoring.catalogue import Choice, Family, Measure
from daihou.monitoring.codes import of_contract

INDUSTRIES: Final[tuple[Choice, ...]] = (
    ("A", "Agriculture, forestry and fishing", "农、林、牧、渔业"),
    ("B", "Mining", "采矿业"),
    ("C", "Manufacturing", "制造业"),
    ("D", "Electricity, heat, gas and water", "电力、热力、燃气及水生产和供应业"),
    ("E", "Construction", "建筑业"),
    ("F", "Wholesale and retail", "批发和零售业"),
    ("G", "Transport, storage and post", "交通运输、仓储和邮政业"),
    ("H", "Hotels and catering", "住宿和餐饮业"),
    ("I", "Information transmission, software and IT", "信息传输、软件和信息技术服务业"),
    ("J", "Finance", "金融业"),
    ("K", "Real estate", "房地产业"),
    ("L", "Leasing and business services", "租赁和商务服务业"),
    ("M", "Research and technical services", "科学研究和技术服务业"),
    ("N", "Water, environment and public facilities", "水利、环境和公共设施管理业"),
    ("O", "Services to residents, repair", "居民服务、修理和其他服务业"),
    ("P", "Education", "教育"),
    ("Q", "Health and social work", "卫生和社会工作"),
    ("R", "Culture, sport and entertainment", "文化、体育和娱乐业"),
    ("S", "Public administration", "公共管理、社会保障和社会组织"),
    ("T", "International organisations", "国际组织"),
)
"""The sections of GB/T 4754-2017 by their letters; a lender may send other codes."""
SIZES: Final[tuple[Choice, ...]] = (
    ("large", "Large", "大型"),
    ("medium", "Medium", "中型"),
    ("small", "Small", "小型"),
    ("micro", "Micro", "微型"),
)
"""Size classes; a lender may send others."""

MEASURES: Final = (
    Measure("borrower_kind", "Kind of borrower", "客户类型", "code", "Person or company", "自然人（person）或企业（company）",
            choices=of_contract("borrowers", "kind")),
    Measure("industry", "Industry", "所属行业", "code", "Industry code as the lender sent it", "贷款人报送的行业代码",
            choices=INDUSTRIES, extensible=True),
    Measure("size", "Size of the firm", "企业规模", "code", "Size class as the lender sent it", "贷款人报送的企业规模",
            choices=SIZES, extensible=True),
    Measure("group_id", "Group", "集团客户号", "id", "Group of connected borrowers", "所属集团客户"),
)  # fmt: skip

CUSTOMER: Final = Family("customer", "borrower", "Customer", "客户信息", ("borrowers",), MEASURES)
