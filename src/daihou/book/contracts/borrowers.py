"""Who the lender is and who owes: orgs, borrowers, people, facilities, parties and how borrowers relate."""

from daihou.book.contracts.table import EFFECTIVE_ON, Table, choices, optional, required, vaulted

KINDS = choices(("person", "Person", "自然人"), ("company", "Company", "企业"))
ROLES = choices(
    ("co_borrower", "Co-borrower", "共同借款人"),
    ("guarantor", "Guarantor", "保证人"),
    ("acceptor", "Acceptor of a bill", "承兑人"),
    ("issuer", "Issuer", "出票人"),
)
RELATIONS = choices(
    ("owns", "Owns shares of", "持股"),
    ("controls", "Controls", "实际控制"),
    ("guarantees", "Guarantees", "担保"),
    ("spouse", "Spouse", "配偶"),
    ("spouse_liable", "Spouse who owes too (Civil Code 1064)", "共同债务配偶"),
    ("same_phone", "Same telephone", "同一电话"),
    ("same_device", "Same device", "同一设备"),
)

TABLES = (
    Table(
        "orgs",
        "versioned",
        ("org_id",),
        "Branches and departments of the lender",
        "机构（总行、分支机构、部门）",
        (
            required("org_id", "id", "Number of the branch or department", "机构号"),
            optional("name", "text", "Name of the branch or department", "机构名称"),
            optional("parent_id", "id", "The org above it", "上级机构号"),
            EFFECTIVE_ON,
        ),
        own_on="effective_on",
    ),
    Table(
        "borrowers",
        "versioned",
        ("borrower_id",),
        "Borrowers, without anything that names a person",
        "借款人（不含可识别个人身份的信息）",
        (
            required("borrower_id", "id", "The lender's number of the borrower", "客户号"),
            required("kind", "code", "Person or company", "客户类型", choices=KINDS),
            optional("org_id", "id", "Org that manages the borrower", "管户机构号"),
            optional("lead_org_id", "id", "Org that leads for the whole group", "牵头机构号"),
            optional("officer_id", "id", "Officer in charge", "管户客户经理号"),
            optional("group_id", "id", "Group of connected borrowers", "集团客户号"),
            optional("region", "text", "Administrative region", "所属地区"),
            optional("industry", "text", "Industry code", "所属行业"),
            optional("size", "text", "Size class of the firm", "企业规模"),
            EFFECTIVE_ON,
        ),
        own_on="effective_on",
    ),
    Table(
        "people",
        "plain",
        ("borrower_id",),
        "Names and contact details; kept in the vault only",
        "个人身份与联系信息，仅存于保险库",
        (
            required("borrower_id", "id", "The lender's number of the borrower", "客户号"),
            vaulted("name", "text", "Full name", "姓名"),
            vaulted("id_no", "text", "Identity document number", "证件号码"),
            vaulted("phones", "text", "Telephone numbers", "联系电话"),
            vaulted("emails", "text", "E-mail addresses", "电子邮箱"),
            vaulted("address", "text", "Postal address", "通讯地址"),
            vaulted("timezone", "text", "Time zone of the person", "所在时区"),
            vaulted("language", "text", "Language of letters and calls", "联系语言"),
        ),
        vault=True,
    ),
    Table(
        "facilities",
        "versioned",
        ("facility_id",),
        "Credit limits granted, under which loans are drawn",
        "授信额度",
        (
            required("facility_id", "id", "Number of the facility", "授信编号"),
            required("borrower_id", "id", "Borrower it is granted to", "客户号"),
            required("limit", "money", "Limit granted", "授信额度"),
            optional("currency", "code", "Currency of the limit, ISO 4217", "币种（ISO 4217）", default="CNY"),
            optional("starts_on", "date", "First day it may be drawn", "额度起始日"),
            optional("ends_on", "date", "Last day it may be drawn", "额度到期日"),
            optional("revolving", "boolean", "Whether repaid amounts may be drawn again", "是否可循环"),
            EFFECTIVE_ON,
        ),
        own_on="effective_on",
    ),
    Table(
        "parties",
        "versioned",
        ("loan_id", "borrower_id", "role"),
        "Others bound by a loan beside its borrower",
        "贷款相关人（共同借款人、保证人等）",
        (
            required("loan_id", "id", "Loan", "贷款编号"),
            required("borrower_id", "id", "The other party", "相关人客户号"),
            required("role", "code", "Role of the party", "角色", choices=ROLES, extensible=True),
            EFFECTIVE_ON,
        ),
        own_on="effective_on",
    ),
    Table(
        "relations",
        "versioned",
        ("from_id", "to_id", "kind"),
        "How borrowers hang together: ownership, control, guarantees, family, shared contact data",
        "借款人之间的关系（股权、控制、担保、亲属、共用联系方式）",
        (
            required("from_id", "id", "Who holds the relation", "关系方"),
            required("to_id", "id", "To whom", "被关系方"),
            required("kind", "code", "Kind of relation", "关系类型", choices=RELATIONS, extensible=True),
            optional("share", "ratio", "Share held", "持股或控制比例"),
            EFFECTIVE_ON,
        ),
        own_on="effective_on",
    ),
)
