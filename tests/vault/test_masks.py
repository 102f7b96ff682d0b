"""Masks: what is still shown of a name, a number, an address."""

from __future__ import annotations

import pytest

from daihou.vault.masks import mask_address, mask_email, mask_id_no, mask_name, mask_phone, masked
from daihou.vault.person import PersonRecord
from vault.conftest import ZHANG

NAMES = [
    ("张三", "张*"),
    ("张三丰", "张**"),
    ("张 三", "张*"),
    ("欧阳娜娜", "欧阳**"),
    ("欧阳修", "欧阳*"),
    ("欧阳", "欧*"),
    ("李张美玲", "李***"),
    ("诸葛亮", "诸葛*"),
    ("諸葛亮", "諸葛*"),
    ("买买提·吐尔逊", "买**·吐**"),
    ("Jane Doe", "J*** D**"),
    ("J. K. Doe", "J* K* D**"),
    ("Madonna", "M******"),
    ("张", "*"),
    ("Q", "*"),
    ("", ""),
    (" ", ""),
]
PHONES = [
    ("13812341234", "138****1234"),
    ("+8613812341234", "138****1234"),
    ("0086 138 1234 1234", "138****1234"),
    ("１３８-１２３４-１２３４", "138****1234"),
    ("010-87654321", "010****4321"),
    ("0512-87654321转801", "051****4321"),
    ("87654321", "****21"),
    ("95588", "****"),
    ("+1 415 555 2671", "+1 ****2671"),
    ("+852 9123 4567", "+852 ****4567"),
    ("12345678901234567890", "123****7890"),
    ("none", "****"),
    ("", ""),
]
ID_NUMBERS = [
    ("110101199003071234", "110101********1234"),
    ("11010119900307123x", "110101********123X"),
    ("110101 19900307 1234", "110101********1234"),
    ("110101900307123", "1*************3"),
    ("E12345678", "E*******8"),
    ("1234", "****"),
    ("", ""),
]
EMAILS = [
    ("zhang@example.com", "z***@example.com"),
    ("z@example.com", "z***@example.com"),
    ("@example.com", "****"),
    ("zhang", "****"),
    ("", ""),
]
ADDRESSES = [
    ("江州市城南区幸福路12号3栋", "江州市城南区****"),
    ("江州市城南区", "江州市城南区****"),
    ("江苏省苏州市昆山市玉山镇1号", "江苏省苏州市昆山市****"),
    ("北京市朝阳区建国路1号", "北京市朝阳区****"),
    ("上海市浦东新区世纪大道100号", "上海市浦东新区****"),
    ("江苏省南京市鼓楼区中山路", "江苏省南京市鼓楼区****"),
    ("山东省济南市市中区经十路", "山东省济南市市中区****"),
    ("浙江省台州市路桥区腾达路1号", "浙江省台州市路桥区****"),
    ("山东省淄博市周村区丝绸路", "山东省淄博市周村区****"),
    ("新疆维吾尔自治区乌鲁木齐市天山区人民路", "新疆维吾尔自治区乌鲁木齐市天山区****"),
    ("四川省阿坝藏族羌族自治州九寨沟县漳扎镇", "四川省阿坝藏族羌族自治州九寨沟县****"),
    ("内蒙古自治区呼伦贝尔市鄂温克族自治旗", "内蒙古自治区呼伦贝尔市鄂温克族自治旗****"),
    ("江州市幸福路12号阳光小区", "江州市****"),
    ("江州市阳光小区3栋", "江州市****"),
    ("江州市人民中路开发区", "江州市****"),
    ("幸福路12号城市花园", "****"),
    ("城南菜市场旁", "****"),
    ("12 High Street, Springfield", "****"),
    ("", ""),
]


@pytest.mark.parametrize(("name", "shown"), NAMES)
def test_of_a_name_the_surname_or_the_initials_are_shown(name: str, shown: str) -> None:
    assert mask_name(name) == shown


def test_a_companys_name_is_shown_whole() -> None:
    assert mask_name("江州机械有限公司", "company") == "江州机械有限公司"


@pytest.mark.parametrize(("phone", "shown"), PHONES)
def test_of_a_telephone_number_the_ends_are_shown(phone: str, shown: str) -> None:
    assert mask_phone(phone) == shown


def test_a_number_of_the_region_given_is_no_number_abroad() -> None:
    assert mask_phone("+1 415 555 2671", "US") == "415****2671"
    assert mask_phone("13812341234", "US") != "13812341234"


@pytest.mark.parametrize(("id_no", "shown"), ID_NUMBERS)
def test_of_an_id_number_the_ends_are_shown(id_no: str, shown: str) -> None:
    assert mask_id_no(id_no) == shown


@pytest.mark.parametrize(("email", "shown"), EMAILS)
def test_of_an_e_mail_the_first_letter_and_the_domain_are_shown(email: str, shown: str) -> None:
    assert mask_email(email) == shown


@pytest.mark.parametrize(("address", "shown"), ADDRESSES)
def test_an_address_is_shown_as_far_as_its_district(address: str, shown: str) -> None:
    assert mask_address(address) == shown


def test_a_masked_record_keeps_what_names_nobody() -> None:
    assert masked(ZHANG) == PersonRecord(
        name="张*",
        id_no="110101********123X",
        phones=("138****1234", "010****4321"),
        emails=("z***@example.com",),
        address="江州市城南区****",
        timezone="Asia/Shanghai",
        language="zh",
    )
    assert masked(PersonRecord(name="江州机械有限公司"), "company").name == "江州机械有限公司"
    assert masked(PersonRecord()) == PersonRecord()
