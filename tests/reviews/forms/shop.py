"""A small form of a shop that has every kind of question, for tests to read, answer and spoil."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from daihou.reviews.forms.answers import Piece
from daihou.reviews.forms.findings import read_findings
from daihou.reviews.forms.reading import read

if TYPE_CHECKING:
    from daihou.reviews.forms.form import Form, Forms

FINDINGS: Final = """
findings:
  - {code: business_stopped, level: red, en: Stopped, zh: 停业}
  - {code: turnover_fell, level: orange, en: Turnover fell, zh: 流水下降}
  - {code: willingness_low, level: orange, en: Unwilling, zh: 意愿低}
"""
VOCABULARY: Final = read_findings(FINDINGS, "findings.yaml")

SHOP: Final = """
form: shop
meaning: For tests.
versions:
  - number: 1
    from: 2026-01-01
    owner: Alice
    en: Shop
    zh: 店铺
    two_people: true
    onsite: true
    bands:
      - {code: good, least: 60%, en: Good, zh: 好, suggestion: {en: Keep., zh: 维持。}}
      - {code: bad, least: 0, en: Bad, zh: 差, suggestion: {en: Report., zh: 上报。}}
    sections:
      - id: trade
        en: Trade
        zh: 经营
        questions:
          - id: open
            kind: choice
            en: Open?
            zh: 是否营业？
            choices:
              - {code: normal, en: Open, zh: 正常, points: 10}
              - {code: half, en: Partly, zh: 半停业, points: 4}
              - {code: closed, en: Closed, zh: 停业, points: 0, finding: business_stopped}
          - id: turnover
            kind: money
            en: Turnover
            zh: 流水
            least: 0
            most: 100000000
            compare: last
            needs_reason: [{fall: 20%, told_in: why}]
            measures: [inflow_3m]
            when: "open != 'closed'"
            findings:
              - {when: turnover_change < -20%, code: turnover_fell}
              - {when: turnover_change < -60%, code: turnover_fell, level: red}
          - id: why
            kind: choices
            en: Why?
            zh: 原因
            when: turnover_change < -20%
            choices:
              - {code: debtors, en: Debtors, zh: 拖欠}
              - {code: orders, en: Orders, zh: 订单}
              - {code: nobody_knows, en: Not known, zh: 不明, alone: true}
          - {id: why_orders, kind: text, en: Which orders?, zh: 哪些订单？, when: why.orders, most: 20, required: false}
          - {id: staff, kind: number, en: Staff, zh: 员工, unit: {en: people, zh: 人}, whole: true, least: 0, most: 500}
          - {id: licence, kind: yes_no, en: Licence?, zh: 执照？}
          - {id: expires, kind: date, en: Expires, zh: 到期日, when: licence}
      - id: close
        en: Close
        zh: 结论
        questions:
          - {id: warned, kind: note, en: Look at the licence., zh: 请查看执照。, when: "expires < '2026-12-31'"}
          - id: willingness
            kind: rating
            rates: willingness
            en: Willingness
            zh: 还款意愿
            labels: [{en: a, zh: 甲}, {en: b, zh: 乙}, {en: c, zh: 丙}, {en: d, zh: 丁}, {en: e, zh: 戊}]
            findings: [{when: willingness <= 2, code: willingness_low}]
            scores: [{when: willingness >= 4, points: 10}, {when: willingness = 3, points: 5}]
          - {id: where, kind: place, en: Where, zh: 位置}
          - {id: photos, kind: photos, en: Photos, zh: 照片, evidence: {least: 2, asked: [{code: front, en: Front, zh: 门头}, {code: stock, en: Stock, zh: 存货}]}}
          - {id: papers, kind: files, en: Papers, zh: 资料, when: licence, evidence: {least: 1, kinds: [pdf, audio]}}
"""

ANSWERS: Final[dict[str, Any]] = {
    "open": "half",
    "turnover": 12_150_000,
    "why": ["debtors", "orders"],
    "staff": 6,
    "licence": True,
    "expires": "2026-06-30",
    "willingness": 4,
}
"""Complete answers where turnover was 182,000 yuan before."""
PREVIOUS: Final = {"turnover": 18_200_000}
EVIDENCE: Final = {"photos": (Piece("photo", "front"), Piece("photo", "stock")), "papers": (Piece("pdf"),)}


def shops(*changes: tuple[str, str]) -> Forms:
    """The form with some of its text replaced, each of which must be there."""
    text = SHOP
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new)
    return read(text, "shop.yaml", VOCABULARY)


def shop(*changes: tuple[str, str]) -> Form:
    """Its one version."""
    return shops(*changes).versions[0].values
