"""The normal form of what is searched for: two ways of writing one name, number or address come out the same."""

from __future__ import annotations

import re
import unicodedata
from typing import Final, Literal

import phonenumbers

Kind = Literal["name", "id_no", "phone", "email"]
KINDS: Final[tuple[Kind, ...]] = ("name", "id_no", "phone", "email")

HAN: Final = "\u2e80-\u2fdf\u3005\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
DOTS: Final = "·•．‧∙⋅・･"
"""What keyboards offer between the parts of a name such as 买买提·吐尔逊."""
_DOT = re.compile(rf"\s*[{DOTS}]\s*")
_PLAIN_DOT = re.compile(rf"(?<=[{HAN}])\s*\.\s*(?=[{HAN}])")
_HAN_SPACE = re.compile(rf"(?<=[{HAN}])\s+(?=[{HAN}])")
_EXTENSION = re.compile(r"转|分机|;ext=|ext", re.IGNORECASE)


def normal_form(kind: Kind, value: str, region: str = "CN") -> str:
    """The normal form of a value; empty when nothing is left.

    Names keep one space between words (none between Chinese characters, where it only pads), in small letters.
    Id numbers keep letters and digits, in capitals. Phones are E.164, a number without a country being one of
    `region`; what no number can be keeps its digits; extensions go. E-mails are in small letters.
    """
    match kind:
        case "name":
            return _name(value)
        case "id_no":
            return "".join(letter for letter in clean(value).upper() if letter.isalnum())
        case "phone":
            return _phone(clean(value), region)
        case "email":
            return unicodedata.normalize("NFKC", "".join(clean(value).split()).casefold())


def clean(value: str) -> str:
    """The value in NFKC, without what cannot be seen, trimmed."""
    folded = unicodedata.normalize("NFKC", value)
    return "".join(letter for letter in folded if unicodedata.category(letter) != "Cf").strip()


def unpadded(name: str) -> str:
    """The name without spaces between Chinese characters, which only pad it: 张　三 is 张三."""
    return _HAN_SPACE.sub("", name)


def parsed(value: str, region: str = "CN") -> phonenumbers.PhoneNumber | None:
    """The telephone number in a text, if its length can be one. Length only: which prefixes are in use changes yearly."""
    try:
        number = phonenumbers.parse(_EXTENSION.split(value)[0], region)
    except phonenumbers.NumberParseException:
        return None
    return number if phonenumbers.is_possible_number(number) else None


def _name(value: str) -> str:
    dotted = _DOT.sub("·", value)  # before NFKC, which makes an ordinary full stop of the wide one
    text = unpadded(_PLAIN_DOT.sub("·", _DOT.sub("·", clean(dotted))))
    return unicodedata.normalize("NFKC", " ".join(text.split()).casefold())


def _phone(value: str, region: str) -> str:
    number = parsed(value, region)
    if number is None:
        return "".join(str(unicodedata.digit(letter)) for letter in value if letter.isdigit())
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))
