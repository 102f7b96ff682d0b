"""A report in each format to the same rows, by the mappings that ship; and what is refused, with its place and remedy, whole."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any, Final

import pytest

from daihou.book.errors import DaihouError
from daihou.profiles.bureaus import shipped_mappings
from daihou.reviews.queries.mapped import Read, read_report
from daihou.reviews.queries.raw_reports import MOST_BYTES, MOST_LINES
from daihou.reviews.queries.report_mapping import ReportMapping, read_report_mapping

TODAY: Final = dt.date(2026, 3, 20)
CREDITS: Final[list[dict[str, Any]]] = [
    {"lender": "甲银行", "product": "房贷", "limit": 1_000_000, "balance": "854000.50", "days_past_due": 0, "opened_on": "2021-06-01", "status": "open"},
    {"lender": "乙消金", "product": "消费贷", "limit": 50_000, "balance": 12_000, "days_past_due": 60, "opened_on": "2025-11-30", "status": "open"},
]  # fmt: skip
PLAIN: Final[dict[str, Any]] = {
    "number": "R-1", "subject": {"id_no": "11010119900101001X"}, "date": "2026-03-14", "score": 612, "inquiries_3m": 4, "credits": CREDITS,
}  # fmt: skip
XML: Final = """<?xml version="1.0" encoding="UTF-8"?>
<Report xmlns="urn:plain" number="R-1"><Subject><IdNo>11010119900101001X</IdNo></Subject><Date>20260314</Date><Score>612</Score><Inquiries months3="4"/>
<Accounts>
  <Account state="1"><Lender>甲银行</Lender><Product>房贷</Product><Limit>1,000,000</Limit><Balance>854,000.50</Balance>
    <DaysPastDue>0</DaysPastDue><Opened>20210601</Opened></Account>
  <Account state="1"><Lender>乙消金</Lender><Product>消费贷</Product><Limit>50,000</Limit><Balance>12,000.00</Balance>
    <DaysPastDue>60</DaysPastDue><Opened>20251130</Opened></Account>
</Accounts></Report>"""
HEAD: Final = (
    "报告编号,证件号码,报告日期,评分,近三月查询次数,授信机构,业务种类,授信额度,余额,还款状态,开户日期,账户状态"
)
OF_REPORT: Final = "R-1,11010119900101001X,2026/03/14,612,4"
CSV: Final = f"""{HEAD}
{OF_REPORT},甲银行,房贷,100,85.40005,N,2021/06/01,open
{OF_REPORT},乙消金,消费贷,5,1.2,2,2025/11/30,open
"""
EXPECTED: Final = Read(
    {"queried_on": "2026-03-14", "score": 612, "inquiries_3m": 4},
    (
        {"lender": "甲银行", "product": "房贷", "limit": "1000000.00", "balance": "854000.50", "dpd": 0, "opened_on": "2021-06-01", "status": "open"},
        {"lender": "乙消金", "product": "消费贷", "limit": "50000.00", "balance": "12000.00", "dpd": 60, "opened_on": "2025-11-30", "status": "open"},
    ),
    "R-1",
    "11010119900101001X",
)  # fmt: skip


def mapping(name: str) -> ReportMapping:
    return read_report_mapping(name, shipped_mappings()[name], name)


def read(raw: bytes, name: str) -> Read:
    return read_report(raw, mapping(name), TODAY, "CNY")


def of_json(**changed: Any) -> bytes:
    return json.dumps({"report": PLAIN | changed}, ensure_ascii=False).encode()


def of_credit(**changed: Any) -> bytes:
    return of_json(credits=[CREDITS[0], CREDITS[1] | changed])


def refused(raw: bytes, name: str = "plain_json") -> DaihouError:
    with pytest.raises(DaihouError) as caught:
        read(raw, name)
    assert caught.value.remedy
    assert all(caught.value.zh)
    return caught.value


@pytest.mark.parametrize(
    ("raw", "name"),
    [
        (of_json(), "plain_json"), (CSV.encode("gb18030"), "plain_csv"), (XML.encode(), "plain_xml"), (XML.encode("utf-8-sig"), "plain_xml"),
    ],
    ids=["json", "csv", "xml", "xml with a mark"],
)  # fmt: skip
def test_each_format_gives_the_same_rows(raw: bytes, name: str) -> None:
    assert read(raw, name) == EXPECTED


def test_every_mapping_that_ships_reads() -> None:
    assert set(shipped_mappings()) == {"plain_json", "plain_csv", "plain_xml"}
    assert {mapping(name).format for name in shipped_mappings()} == {"json", "csv", "xml"}


@pytest.mark.parametrize(
    ("raw", "name"),
    [
        (of_json(credits=[]), "plain_json"), (f"{HEAD}\n{OF_REPORT},,,,,,,\n".encode("gb18030"), "plain_csv"),
        (XML[: XML.index("<Accounts>")].encode() + b"<Accounts/></Report>", "plain_xml"),
    ],
    ids=["json", "csv", "xml"],
)  # fmt: skip
def test_a_report_may_list_no_credits(raw: bytes, name: str) -> None:
    assert read(raw, name) == Read(EXPECTED.report, (), EXPECTED.number, EXPECTED.id_no)


def test_one_credit_in_xml_is_a_list_of_one() -> None:
    first = XML.index("  <Account")
    one = XML[: XML.index("  <Account", first + 1)] + "</Accounts></Report>"
    assert read(one.encode(), "plain_xml").lines == EXPECTED.lines[:1]


def test_what_is_not_stated_is_empty() -> None:
    found = read(of_json(score=None, number=None, credits=[{"lender": "甲银行"}]), "plain_json")
    assert found.report["score"] is None
    assert found.number == ""
    assert found.lines == (dict.fromkeys(EXPECTED.lines[0]) | {"lender": "甲银行"},)


def test_dashes_of_a_mapping_mean_nothing_is_stated() -> None:
    assert read(CSV.replace(",612,", ",--,").encode("gb18030"), "plain_csv").report["score"] is None


BOMB: Final = '<!DOCTYPE r [<!ENTITY a "ha">' + "".join(
    f'<!ENTITY {chr(98 + n)} "{10 * f"&{chr(97 + n)};"}">' for n in range(9)
) + "]><Report>&j;</Report>"  # fmt: skip


@pytest.mark.parametrize(
    "raw",
    [
        BOMB, '<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]><Report>&x;</Report>', "<!DOCTYPE Report><Report/>",
        '<?xml version="1.0"?>' + BOMB,
    ],
    ids=["a billion laughs", "a file", "a document type", "a declaration before"],
)  # fmt: skip
def test_xml_with_entities_is_not_read(raw: str) -> None:
    assert "document type or entities" in refused(raw.encode(), "plain_xml").message


def test_another_encoding_is_named_with_the_one_that_fits() -> None:
    error = refused(json.dumps({"report": PLAIN}, ensure_ascii=False).encode("gb18030"))
    assert "not written in utf-8" in error.message
    assert "gb18030" in error.remedy
    assert "not written in gb18030" in refused(b"\xff\xff\xff", "plain_csv").message


@pytest.mark.parametrize(
    ("raw", "place", "said"),
    [
        (of_json(date=None), "report/date", "is empty"),
        (json.dumps({"report": {"credits": []}}).encode(), "report/date", "is missing"),
        (of_json(date="2026-03-21"), "report/date", "2026-03-21.*in the future"),
        (of_json(date="14.3.2026"), "report/date", "14.3.2026.*no date written like %Y-%m-%d"),
        (of_json(date="1900-01-01"), "report/date", "too far back"),
        (of_json(score="AA"), "report/score", "AA.*no number"),
        (of_json(score=612.5), "report/score", "no whole number"),
        (of_json(score=True), "report/score", "neither a text nor a number"),
        (of_json(score=[1]), "report/score", "more than one value"),
        (of_json(inquiries_3m=-1), "report/inquiries_3m", "no whole number"),
        (of_json(credits=None), "report/credits", "no list"),
        (of_json(credits={}), "report/credits", "no list"),
        (of_json(credits=[{}]), "lender", "is missing"),
        (json.dumps({"report": {"date": "2026-03-14"}}).encode(), "report/credits", "list of credits is missing"),
        (of_credit(balance=-1), r"report/credits\[2\]/balance", "-1.*not less than 0"),
        (of_credit(balance="1.234"), "balance", "more decimals than CNY"),
        (of_credit(balance="1e14"), "balance", "too large"),
        (of_credit(balance="１２"), "balance", "no number"),
        (of_credit(opened_on="2026-03-15"), "opened_on", "after the day of the report"),
        (of_credit(opened_on="2027-01-01"), "opened_on", "in the future"),
        (of_credit(lender="x" * 201), "lender", "longer than 200"),
        (of_credit(lender="a\0b"), "lender", "a\N{REPLACEMENT CHARACTER}b.*signs that are no text"),
        (of_json(score="1e9999999"), "report/score", "too many digits"),
        (of_credit(balance="1e-9999999"), "balance", "too many digits"),
        (of_json(credits=[CREDITS[0]] * (MOST_LINES + 1)), "plain_json", "more than 5000 credits"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_told_with_its_place_and_its_value(raw: bytes, place: str, said: str) -> None:
    error = refused(raw)
    with pytest.raises(DaihouError, match=rf"(?s){said}.*{place}"):
        raise error


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (CSV.replace(",2,2025", ",9,2025"), "the code is unknown; known are"),
        (CSV.replace("85.40005", "85.4000555"), "more decimals"),
        (CSV.replace("R-1,11010119900101001X,2026/03/14,612,4,乙", "R-2,11010119900101001X,2026/03/14,612,4,乙"), "one file is one report"),
        (CSV.replace("余额", "结余"), "no such column"),
        (CSV.replace("余额", "评分"), "a column stands twice"),
        (CSV + f"{OF_REPORT},丙\n", "row 4 has 6 cells"),
        (HEAD, "no rows"),
        ("", "no rows"),
    ],
)  # fmt: skip
def test_what_does_not_fit_in_csv(text: str, said: str) -> None:
    assert said in refused(text.encode("gb18030"), "plain_csv").message


@pytest.mark.parametrize(
    ("raw", "name", "said"),
    [
        (b"<html>busy</html>", "plain_json", "no whole JSON"),
        (of_json()[:-20], "plain_json", "no whole JSON"),
        (b'{"a": NaN}', "plain_json", "NaN is no number"),
        (b'{"a": 1e99999999999999999999}', "plain_json", "a number is too large"),
        (b'{"a": 1, "a": 2}', "plain_json", "stands twice"),
        (b"[" * 200_000, "plain_json", "no whole JSON"),
        (XML[:-20].encode(), "plain_xml", "no whole XML"),
        (b"<a>" * 50_000 + b"</a>" * 50_000, "plain_xml", "no whole XML"),
        (XML[: XML.index("<Accounts>")].encode() + b"<Accounts>none</Accounts></Report>", "plain_xml", "list of credits is missing"),
        (XML[: XML.index("<Accounts>")].encode() + b"</Report>", "plain_xml", "list of credits is missing"),
        (XML[: XML.index("<Accounts>")].encode() + b"<Accounts><Account/></Accounts></Report>", "plain_xml", "is missing"),
        (b" " * (MOST_BYTES + 1), "plain_json", "larger than 8 MB"),
    ],
)  # fmt: skip
def test_what_is_no_report_is_refused(raw: bytes, name: str, said: str) -> None:
    assert said in refused(raw, name).message


def test_half_a_character_is_refused_and_can_be_shown() -> None:
    raw = json.dumps({"report": PLAIN | {"credits": [{"lender": "a\ud800"}]}}).encode()
    refused(raw).message.encode()


def test_line_breaks_in_a_text_are_blanks() -> None:
    assert read(of_credit(lender="乙\n 消金"), "plain_json").lines[1]["lender"] == "乙 消金"


def test_an_exponent_in_ten_thousands_is_refused() -> None:
    assert "too many digits" in refused(CSV.replace("85.40005", "1e9999999").encode("gb18030"), "plain_csv").message


@pytest.mark.parametrize(
    ("raw", "name"),
    [
        (CSV.replace("11010119900101001X,2026/03/14,612,4,乙", "110101198004040044,2026/03/14,612,4,乙").encode("gb18030"), "plain_csv"),
        (of_json(subject={"id_no": "110101198004040044" * 20}), "plain_json"),
        (of_json(score="110101198004040044"), "plain_json"),
        (of_json(date="1101011980****0044"), "plain_json"),
        (of_credit(dpd=None, days_past_due="13812345678x"), "plain_json"),
    ],
    ids=["another", "too long", "in the place of a score", "of a date", "a phone"],
)  # fmt: skip
def test_the_number_of_a_person_is_shown_in_no_message(raw: bytes, name: str) -> None:
    error = refused(raw, name)
    for text in (error.message, *error.zh):
        assert "11010119" not in text
        assert "138123" not in text


TEXT: Final = shipped_mappings()["plain_json"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (TEXT.replace("mapping: plain_json", "mapping: other"), "holds mapping other"),
        (TEXT.replace("format: json", "format: pdf"), "format must be one of"),
        (TEXT.replace("utf-8", "utf-99"), "no encoding utf-99"),
        (TEXT.replace("lines_at: report/credits\n", ""), "lines_at says where"),
        (TEXT.replace("report/date, needed: true", "report/date"), "queried_on, with needed"),
        (TEXT.replace("balance: balance", "balance: {path: balance, unit: lakh}"), "unit must be one of"),
        (TEXT.replace("balance: balance", "balance: {path: balance, scale: 2}"), "Unknown key: scale"),
        (TEXT.replace("balance: balance", "saldo: balance"), "Unknown key: saldo"),
        (TEXT.replace("dpd: days_past_due", "dpd: {path: d, codes: {M1: a}}"), "must mean whole numbers"),
        (TEXT.replace("dpd: days_past_due", "dpd: {path: d, codes: []}"), "codes must say"),
        (TEXT.replace("dpd: days_past_due", "dpd: {path: d, empty: x}"), "empty must be a list"),
        (TEXT.replace("dpd: days_past_due", "dpd: {path: 'a//b'}"), "no path"),
        (TEXT.replace("needed: true", "needed: maybe"), "true or false"),
        (TEXT + "delimiter: ';;'\n", "one sign"),
    ],
)  # fmt: skip
def test_a_mapping_that_makes_no_sense_is_refused(text: str, said: str) -> None:
    with pytest.raises(DaihouError, match=said):
        read_report_mapping("plain_json", text, "own")
