"""Who stands on the other side of a transaction, and what is written beside it: invented names, as a lender's files would have them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from daihou.simulation import purses as at
from daihou.simulation.people import FIRST_WORDS, GIVEN, PLACES, SECOND_WORDS, SURNAMES, TRADES

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from daihou.simulation.parameters import Parameters
    from daihou.simulation.shapes import Array

COMPANY, PERSON = "a company", "a person"

Party = str | tuple[str, ...]
"""Named like a company, like a person, or one of some names."""

INCOME: Final[dict[int, tuple[str, str, Party]]] = {
    at.SALARY: ("employer", "工资", COMPANY),
    at.RECEIPT: ("customer", "货款", COMPANY),
    at.DISBURSED: ("lender", "贷款发放", ("贷款专户",)),
    at.LAID_OUT: ("supplier", "购货款", COMPANY),
    at.REPAID: ("lender", "贷款还款", ("贷款专户",)),
    at.TAKEN_BACK: ("lender", "扣款失败退回", ("贷款专户",)),
    at.STAKE: ("gambling", "彩票投注", ("顺天彩票投注站", "好运来彩票", "金骰娱乐", "大赢家竞猜")),
    at.ELSEWHERE: ("lender", "消费贷还款", ("江州小额贷款有限公司", "云溪消费金融有限公司", "平川小额贷款有限公司", "南浦网络小贷有限公司")),
    at.LENT: ("lender", "借款到账", ("江州小额贷款有限公司", "云溪消费金融有限公司", "平川小额贷款有限公司", "南浦网络小贷有限公司")),
    at.WITHDRAWN: ("cash", "现金支取", ("柜面取现",)),
    at.PUT_BY: ("own_account", "本人转账", ("本人",)),
}  # fmt: skip
"""Class of the other side, memo, and who it is, of what is not spent on a class."""
SPENDING: Final[dict[str, tuple[str, Party]]] = {
    "supplier": ("采购款", COMPANY),
    "person": ("转账", PERSON),
    "tax": ("缴税", ("国家金库待报解预算收入",)),
    "utility": ("水电燃气费", ("城市供电公司", "城市自来水公司", "城市燃气公司", "城市通信公司")),
    "housing": ("房租", ("安居房屋租赁", "和家物业", "青年公寓", "滨河物业")),
    "food": ("超市购物", ("万家生活超市", "邻里便利店", "老街面馆", "绿野菜场")),
    "medical": ("医药费", ("市第一医院", "仁和药房", "康宁诊所", "市中医院")),
    "education": ("学费", ("育才培训学校", "市实验小学", "启明幼儿园", "远航教育")),
    "entertainment": ("休闲娱乐", ("星河影城", "欢唱歌厅", "云游网络", "悦动健身")),
    "travel": ("交通出行", ("城市公交", "顺路出行", "江州客运站", "东岭加油站")),
    "cash": ("现金支取", ("自助设备取现",)),
    "investment": ("理财申购", ("稳盈理财", "永利基金")),
    "other": ("消费", ("日用百货店", "数码商店", "家居卖场", "美容美发店")),
}
WAGES: Final = "代发工资"
"""What a company pays persons for."""
GIVEN_BACK: Final = "余额不足退票"


def described(given: Parameters, txns: Array) -> tuple[pa.Array, pa.Array, pa.Array]:
    """Name of the other side, its class and the memo of each transaction."""
    classes = list(given.accounts.spending)
    told = [INCOME[what] for what in range(at.FIRST_CLASS)] + [(name, *SPENDING[name]) for name in classes]
    kinds, memos, parties = (list(one) for one in zip(*told, strict=True))
    if given.kind == "company" and "person" in classes:
        memos[at.FIRST_CLASS + classes.index("person")] = WAGES
    what = txns["what"]
    memo = np.where(txns["returned"] == 1, len(memos), what)
    return _names(parties, what, txns["party"]), _coded(kinds, what), _coded([*memos, GIVEN_BACK], memo)


def _coded(values: Sequence[str], places: Array) -> pa.Array:
    distinct = list(dict.fromkeys(values))
    moved = np.array([distinct.index(value) for value in values], np.int32)
    return pa.DictionaryArray.from_arrays(pa.array(moved[places]), pa.array(distinct, pa.string()))


def _names(parties: Sequence[Party], what: Array, party: Array) -> pa.Array:
    """Names by what the money is for and by number; each name is made once."""
    makers: dict[str, Callable[[Array], pa.Array]] = {COMPANY: _companies, PERSON: _persons}
    found = np.empty(len(what), np.int32)
    names: list[pa.Array] = []
    made = 0
    for one in dict.fromkeys(parties):
        of_one = np.isin(what, [place for place, other in enumerate(parties) if other == one])
        numbers = party[of_one]
        distinct, places = np.unique(numbers % len(one) if isinstance(one, tuple) else numbers, return_inverse=True)
        names.append(
            pa.array([one[number] for number in distinct], pa.string())
            if isinstance(one, tuple)
            else makers[one](distinct)
        )
        found[of_one] = made + places
        made += len(distinct)
    whole = pa.concat_arrays(names).dictionary_encode()  # lists share names, and a dictionary holds each once
    return whole.take(pa.array(found))


def _companies(numbers: Array) -> pa.Array:
    words: list[Any] = []
    left = numbers.astype(np.int64)
    for values in (PLACES, FIRST_WORDS, SECOND_WORDS, TRADES):
        left, place = np.divmod(left, len(values))
        words.append(pa.array(list(values), pa.string()).take(pa.array(place)))
    return pc.binary_join_element_wise(*words, "有限公司", "")


def _persons(numbers: Array) -> pa.Array:
    left, given = np.divmod(numbers.astype(np.int64), len(GIVEN))
    surname = pa.array(list(SURNAMES), pa.string()).take(pa.array(left % len(SURNAMES)))
    return pc.binary_join_element_wise(surname, pa.array(list(GIVEN), pa.string()).take(pa.array(given)), "")
