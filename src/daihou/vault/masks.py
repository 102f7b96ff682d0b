"""What is shown of a person where the whole is not needed: a name's surname, a number's ends, an address's district."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import replace
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Final, Literal

import phonenumbers
import yaml

from daihou.vault.normal_form import DOTS, HAN, clean, parsed, unpadded

if TYPE_CHECKING:
    from daihou.vault.person import PersonRecord

BorrowerKind = Literal["person", "company"]

_HIDDEN: Final = "****"
_WORD = re.compile(rf"[^\s{DOTS}]+")
_RESIDENT = re.compile(r"\d{17}[\dX]")

# An address is shown as far as its district. What belongs to streets and buildings cannot be part of a shown name, so an
# address without a district is hidden from its street on; a district with such a character in it is hidden too.
_NOT_YET = r"(?!小区|社区|校区|厂区|院区|住宅区|别墅区|宿舍区|家属区|生活区|办公区|市场)"
_LETTER = rf"(?:{_NOT_YET}[^\s\d,，、()（）街巷弄号栋幢室座屯组队路村])"
_DISTRICT_LETTER = rf"(?:{_LETTER}|路(?=[桥南北][区县])|(?<![^市州])周村(?=区))"
_AREA = re.compile(
    rf"(?:{_LETTER}{{2,8}}?(?:省|自治区|特别行政区))?"
    rf"(?:{_LETTER}{{1,11}}?{_NOT_YET}(?:市|自治州|地区|盟))?"
    rf"(?:{_DISTRICT_LETTER}{{1,9}}?{_NOT_YET}(?:区|县|旗|市))?"
)


def masked(record: PersonRecord, kind: BorrowerKind = "person") -> PersonRecord:
    """The record masked in every field that names or reaches somebody."""
    return replace(
        record,
        name=mask_name(record.name, kind),
        id_no=mask_id_no(record.id_no),
        phones=tuple(mask_phone(phone) for phone in record.phones),
        emails=tuple(mask_email(email) for email in record.emails),
        address=mask_address(record.address),
    )


def mask_name(name: str, kind: BorrowerKind = "person") -> str:
    """张三 as 张*, 欧阳娜娜 as 欧阳**, Jane Doe as J*** D**; a company's name whole, for it names nobody."""
    text = unpadded(unicodedata.normalize("NFC", name).strip())
    if kind == "company":
        return text
    if len(text) == 1:
        return "*"
    if re.match(f"[{HAN}]", text) and not re.search(f"[{DOTS}]", text):
        # A name that is a compound surname and nothing else is taken for a surname of one character.
        return _starred(text, 2 if text[:2] in _compound_surnames() and len(text) > 2 else 1)
    return _WORD.sub(lambda word: _starred(word[0], 1), text)


def mask_phone(phone: str, region: str = "CN") -> str:
    """13812341234 and +86 138 1234 1234 as 138****1234; of a number abroad the country and the last four digits."""
    number = parsed(clean(phone), region)
    if number is None:
        digits = "".join(letter for letter in clean(phone) if letter.isdigit())
        return _ends(digits) if digits else _hidden(phone)
    national = phonenumbers.national_significant_number(number)
    if number.country_code != phonenumbers.country_code_for_region(region):
        return f"+{number.country_code} {_HIDDEN}{national[-4:] if len(national) > 7 else ''}"
    return _ends(_at_home(number))


def mask_id_no(id_no: str) -> str:
    """110101199003071234 as 110101********1234 (a resident's number); of any other the first and the last letter."""
    text = "".join(clean(id_no).upper().split())
    if _RESIDENT.fullmatch(text):
        return f"{text[:6]}********{text[-4:]}"
    return f"{text[0]}{'*' * (len(text) - 2)}{text[-1]}" if len(text) > 4 else "*" * len(text)


def mask_email(email: str) -> str:
    """zhang@example.com as z***@example.com; what is no address is hidden."""
    name, at, domain = email.strip().rpartition("@")
    return f"{name[0]}***@{domain}" if name and at else _hidden(email)


def mask_address(address: str) -> str:
    """江州市城南区幸福路12号 as 江州市城南区****; what names no place is hidden."""
    text = unicodedata.normalize("NFC", address).strip()
    found = _AREA.match(text)
    shown = found[0] if found else ""
    return f"{shown}{_HIDDEN}" if text else ""


def _starred(text: str, shown: int) -> str:
    """The first characters, then a star for each other."""
    return text[:shown] + "*" * (len(text) - shown)


def _ends(digits: str) -> str:
    if len(digits) >= 10:
        return f"{digits[:3]}{_HIDDEN}{digits[-4:]}"
    return f"{_HIDDEN}{digits[-2:]}" if len(digits) > 6 else _HIDDEN


def _at_home(number: phonenumbers.PhoneNumber) -> str:
    """The digits as dialled within the country, with the 0 of the area."""
    written = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.NATIONAL)
    return "".join(letter for letter in written if letter.isdigit())


def _hidden(text: str) -> str:
    return _HIDDEN if text.strip() else ""


@cache
def _compound_surnames() -> frozenset[str]:
    text = resources.files("daihou").joinpath("vault", "compound_surnames.yaml").read_text("utf-8")
    return frozenset(surname for version in yaml.safe_load(text)["surnames"] for surname in version["values"])
