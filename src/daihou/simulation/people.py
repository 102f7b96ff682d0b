"""Who the borrowers of a simulated book are: invented names, numbers and addresses, for the vault.

Nobody is meant: an id number begins with the region of the org, which is a city, where real ones begin with a district; telephones
and e-mail addresses are the borrower's number again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from daihou.book.days import day_of
from daihou.simulation import columns

if TYPE_CHECKING:
    from collections.abc import Sequence

    from daihou.simulation.parameters import Parameters
    from daihou.simulation.shapes import Array

    Random = np.random.Generator

SURNAMES: Final = (
    *"王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文",
    "欧阳", "上官", "司马", "诸葛", "司徒", "夏侯",
)  # fmt: skip
GIVEN: Final = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华文玉兰红梅建国志海燕春晓雪晨宇轩浩然子涵欣怡思远嘉铭博雅诗琪俊逸天佑佳慧振东立新云龙少峰"
PLACES: Final = ("江州", "宁远", "青原", "云溪", "河阳", "平川", "南浦", "东岭", "西塘", "北泽")
FIRST_WORDS: Final = "宏恒瑞鑫华安德嘉永联众金盛泰兴正大中海天和广汇通信凯"
SECOND_WORDS: Final = "远达丰源信泰盛禾兴创诚利昌隆茂业发强顺祥辉腾博益康宁"
TRADES: Final = (
    "机械制造", "纺织", "建材", "物流", "商贸", "电子科技", "食品", "化工", "农业开发", "建筑工程", "新能源", "医药", "包装", "家具",
    "环保科技", "汽车零部件", "服装", "印刷", "五金", "文化传媒",
)  # fmt: skip
DISTRICTS: Final = ("城东区", "城南区", "城西区", "城北区", "滨河区", "高新区")
STREETS: Final = ("幸福路", "和平路", "建设路", "春风路", "团结路", "青年路", "胜利街", "光明街", "文化街", "长乐巷")
EMAIL: Final = 0.3
"""Share of borrowers with an e-mail address."""
SECOND_PHONE: Final = 0.15
BORN: Final = (1955, 2004)

_RESIDENT: Final = np.array([7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2])
_RESIDENT_CHECK: Final = "10X98765432"
_CREDIT: Final = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_ORGANISATION: Final = np.array([3, 7, 9, 10, 5, 8, 4, 2])
_CREDIT_WEIGHTS: Final = np.array([pow(3, place, 31) for place in range(17)])


def people(given: Parameters, borrowers: Array, seed: int, part: int) -> pa.Table:
    """The people of a part, a row a borrower; random numbers of their own, so that the rest of the book does not depend on them."""
    random = _drawn(seed, part)
    numbers = borrowers["borrower"].astype(np.int64)
    persons = given.kind == "person"
    place = _among(random, PLACES, len(numbers))
    return pa.table({
        "borrower_id": columns.ids(columns.id_bytes("B", numbers, 8)),
        "name": _person_names(random, len(numbers)) if persons else _company_names(random, place),
        "id_no": (_resident_numbers if persons else _credit_codes)(random, _regions(given, borrowers), numbers),
        "phones": _phones(random, numbers), "emails": _emails(random, numbers), "address": _addresses(random, place),
        "timezone": pa.array(["Asia/Shanghai"], pa.string()).take(pa.array(np.zeros(len(numbers), np.int64))),
        "language": pa.array(["zh"], pa.string()).take(pa.array(np.zeros(len(numbers), np.int64))),
        "known_on": columns.days(borrowers["since"]),
    })  # fmt: skip


def trades(seed: int, part: int, count: int) -> Array:
    """The places in TRADES of what the names of a part's companies say they do: the same draws as `people` makes for them."""
    random = _drawn(seed, part)
    for values in (PLACES, FIRST_WORDS, SECOND_WORDS):
        random.integers(0, len(values), count)
    drawn: Array = random.integers(0, len(TRADES), count)
    return drawn


def _drawn(seed: int, part: int) -> Random:
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence((seed, part, 1))))


def _among(random: Random, values: Sequence[str], count: int) -> pa.Array:
    """One of the values for each row, all as likely."""
    return pa.array(values, pa.string()).take(pa.array(random.integers(0, len(values), count)))


def _joined(*parts: Any) -> pa.Array:
    return pc.binary_join_element_wise(*parts, "")


def _person_names(random: Random, count: int) -> pa.Array:
    """Surname and one or two more characters; surnames early in the list are the frequent ones."""
    likely = 1 / (np.arange(len(SURNAMES)) + 10)
    surnames = pa.array(SURNAMES, pa.string()).take(
        pa.array(random.choice(len(SURNAMES), count, p=likely / likely.sum()))
    )
    second = pc.if_else(pa.array(random.random(count) < 0.75), _among(random, GIVEN, count), "")
    return _joined(surnames, _among(random, GIVEN, count), second)


def _company_names(random: Random, place: pa.Array) -> pa.Array:
    count = len(place)
    words = (_among(random, values, count) for values in (FIRST_WORDS, SECOND_WORDS, TRADES))
    return _joined(place, *words, "有限公司")


def _regions(given: Parameters, borrowers: Array) -> Array:
    """The six digits of each borrower's region, as numbers; of a region that is no such code zeros."""
    codes = [str(given.regions[org]) for org in given.orgs]
    return np.array([int(code) if len(code) == 6 and code.isdigit() else 0 for code in codes])[borrowers["org"]]


def _digits(numbers: Array, count: int) -> Array:
    """The digits [row, place] of numbers."""
    found: Array = numbers[:, None] // 10 ** np.arange(count - 1, -1, -1, dtype=np.int64) % 10
    return found


def _text(letters: str, places: Array) -> pa.Array:
    """Strings from the places [row, place] of their letters."""
    return columns.ids(np.frombuffer(letters.encode("ascii"), np.uint8)[places])


def _resident_numbers(random: Random, regions: Array, numbers: Array) -> pa.Array:
    """Region, date of birth, running number and check digit (GB 11643)."""
    first, last = (day_of(np.datetime64(f"{year}-01-01").astype(object)) for year in BORN)
    born = random.integers(first, last, len(numbers)).astype("datetime64[D]")
    months = born.astype("datetime64[M]")
    years = months.astype("datetime64[Y]").astype(np.int64) + 1970
    day = (born - months).astype(np.int64) + 1
    date = years * 10_000 + (months.astype(np.int64) % 12 + 1) * 100 + day
    body = np.concatenate([_digits(regions, 6), _digits(date, 8), _digits(numbers % 1000, 3)], axis=1)
    check = np.frombuffer(_RESIDENT_CHECK.encode(), np.uint8)[body @ _RESIDENT % 11]
    return columns.ids(np.concatenate([(body + ord("0")).astype(np.uint8), check[:, None]], axis=1))


def _credit_codes(random: Random, regions: Array, numbers: Array) -> pa.Array:  # noqa: ARG001 - made like id numbers, but nothing of them is drawn
    """Unified social credit codes (GB 32100): 91, region, organisation code with its check digit, check digit."""
    organisation = _digits(numbers, 8)
    left = (11 - organisation @ _ORGANISATION % 11) % 11
    last = np.where(left == 10, _CREDIT.index("X"), left)
    nine, one = np.full((len(numbers), 1), 9), np.ones((len(numbers), 1), np.int64)
    body = np.concatenate([nine, one, _digits(regions, 6), organisation, last[:, None]], axis=1)
    check = (31 - body @ _CREDIT_WEIGHTS % 31) % 31
    return _text(_CREDIT, np.concatenate([body, check[:, None]], axis=1))


def _phones(random: Random, numbers: Array) -> pa.Array:
    """138 and the borrower's number; some have 139 and the number too."""
    number = columns.ids((_digits(numbers, 8) + ord("0")).astype(np.uint8))
    second = pa.array(random.random(len(numbers)) < SECOND_PHONE)
    return pc.if_else(second, _joined("138", number, ";139", number), _joined("138", number))


def _emails(random: Random, numbers: Array) -> pa.Array:
    address = _joined("b", columns.ids((_digits(numbers, 8) + ord("0")).astype(np.uint8)), "@example.com")
    return pc.if_else(pa.array(random.random(len(numbers)) < EMAIL), address, pa.scalar(None, pa.string()))


def _addresses(random: Random, place: pa.Array) -> pa.Array:
    count = len(place)
    house, room = (pa.array(random.integers(1, most, count)).cast(pa.string()) for most in (300, 30))
    return _joined(
        place, "市", _among(random, DISTRICTS, count), _among(random, STREETS, count), house, "号", room, "室"
    )
