"""Projects that loans finance: their budgets and milestones."""

from daihou.book.contracts.table import EFFECTIVE_ON, Table, optional, required

TABLES = (
    Table(
        "projects",
        "versioned",
        ("project_id",),
        "Projects that loans finance",
        "贷款支持的项目",
        (
            required("project_id", "id", "Number of the project", "项目编号"),
            required("borrower_id", "id", "Who carries it out", "客户号"),
            optional("name", "text", "Name of the project", "项目名称"),
            optional("starts_on", "date", "Planned start", "计划开工日"),
            optional("ends_on", "date", "Planned end", "计划竣工日"),
            optional("total_cost", "money", "Whole cost", "总投资"),
            optional("sale_plan", "text", "How it is to be sold", "销售计划"),
            EFFECTIVE_ON,
        ),
        own_on="effective_on",
    ),
    Table(
        "budget_lines",
        "versioned",
        ("project_id", "line"),
        "Lines of a project's budget",
        "项目预算科目",
        (
            required("project_id", "id", "Project", "项目编号"),
            required("line", "text", "Line of the budget", "预算科目"),
            required("amount", "money", "Amount", "预算金额"),
            EFFECTIVE_ON,
        ),
        own_on="effective_on",
    ),
    Table(
        "milestones",
        "versioned",
        ("project_id", "milestone"),
        "Milestones of a project",
        "项目节点",
        (
            required("project_id", "id", "Project", "项目编号"),
            required("milestone", "text", "Milestone", "节点"),
            required("planned_on", "date", "Planned day", "计划完成日"),
            optional("done_on", "date", "Day it was reached", "实际完成日"),
            optional("progress", "ratio", "Part that is done", "完成进度"),
            EFFECTIVE_ON,
        ),
        own_on="effective_on",
    ),
)
