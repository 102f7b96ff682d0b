"""Amounts in Chinese capitals 人民币大写, as papers that are signed state them beside the figures.

The rule is that of 《支付结算办法》附件一《正确填写票据和结算凭证的基本规定》 (中国人民银行, 银发〔1997〕393 号), articles 3 to 5.
Where it leaves a choice, its own first example is followed: no 整 after 角; no 零 where 万位 is 0 and 千位 is not (壹拾万柒仟元); 零 where 元位 is 0 and 角位 is
not (壹仟陆佰捌拾元零叁角贰分).
"""

from __future__ import annotations

from typing import Final

DIGITS: Final = "零壹贰叁肆伍陆柒捌玖"
STEPS: Final = ("", "拾", "佰", "仟")
"""Units within four digits, from the lowest on."""
CURRENCY: Final = "人民币"
MOST: Final = 10**19
"""In minor units: more than a column of amounts holds."""
MOST_DECIMALS: Final = 2
"""角 and 分; there is nothing below."""


def in_capitals(minor: int, exponent: int) -> str:
    """An amount of yuan in minor units, of which 10 ** `exponent` make a yuan: 140950, 2 → 人民币壹仟肆佰零玖元伍角. Below 0 with 负.

    ValueError for more than two decimals, and from 10^19 minor units on.
    """
    if not 0 <= exponent <= MOST_DECIMALS:
        raise ValueError(f"{exponent} decimals cannot be said in capitals: nothing is below a fen")
    if abs(minor) >= MOST:
        raise ValueError(f"{minor} minor units are more than capitals are told of")
    yuan, rest = divmod(abs(minor) * 10 ** (MOST_DECIMALS - exponent), 100)
    jiao, fen = divmod(rest, 10)
    sign = "负" if minor < 0 else ""
    return CURRENCY + sign + (_whole(yuan) + "元" if yuan or not rest else "") + _parts(yuan, jiao, fen)


def _parts(yuan: int, jiao: int, fen: int) -> str:
    """What stands behind 元."""
    if not jiao and not fen:
        return "整"
    told = f"{DIGITS[jiao]}角" if jiao else ""
    if yuan and (not jiao or yuan % 10 == 0):
        told = "零" + told
    return told + (f"{DIGITS[fen]}分" if fen else "")


def _whole(number: int) -> str:
    """A whole number: within four digits by 拾佰仟, those by 万 and 亿, of which 亿 counts as often as it is needed (壹亿亿)."""
    if not number:
        return DIGITS[0]
    digits = str(number)
    told, gap, group = "", False, False
    for place in range(len(digits) - 1, -1, -1):
        digit = int(digits[-1 - place])
        if digit:
            told += ("零" if gap else "") + DIGITS[digit] + STEPS[place % 4]
            gap, group = False, True
        else:
            gap = bool(told)
        if place % 4 == 0 and place:
            told += "亿" if place % 8 == 0 else "万" if group else ""
            if place == 4 and group and not digit and digits[-4] != "0":
                gap = False
            group = False
    return told
