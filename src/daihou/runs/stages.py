"""The stages that long work reports, and what they are called in English and Chinese."""

from __future__ import annotations

from typing import Final

STAGES: Final[dict[str, tuple[str, str]]] = {
    "hashing": ("Looking at", "检查"),
    "reading": ("Reading", "读取"),
    "checking": ("Checking against the lake", "与已有数据核对"),
    "committing": ("Committing", "提交"),
    "compile": ("Compiling the kernels, once", "首次编译计算内核"),
    "alerts": ("Raising alerts", "生成预警"),
    "stage": ("Sorting new facts to their loans", "归集新增事实"),
    "build": ("Building the ledger", "构建台账"),
    "flows": ("Sorting transactions to their borrowers", "归集账户流水"),
    "order": ("Putting the flows in order", "整理账户流水"),
    "simulate": ("Simulating", "模拟"),
    "measure": ("Measuring", "计量"),
    "borrowers": ("Asking about borrowers", "汇总借款人"),
    "observe": ("Gathering observations", "抽取观察样本"),
    "bins": ("Finding bins", "变量分箱"),
    "fit": ("Fitting", "拟合模型"),
    "score": ("Scoring", "评分"),
    "validate": ("Validating", "模型验证"),
    "write": ("Writing", "写出"),
    "rewrapping": ("Wrapping data keys anew", "重新加密数据密钥"),
    "rewrapping_files": ("Wrapping the keys of files anew", "重新加密附件密钥"),
    "retokening": ("Making search tokens anew", "重新生成检索令牌"),
}
"""Code of a stage -> its name in English and Chinese."""
