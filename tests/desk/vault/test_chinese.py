"""The pages of the vault in Chinese: every text has one."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from babel.messages.pofile import read_po

from daihou.desk import vault

if TYPE_CHECKING:
    from daihou.desk.people.models import User
    from desk.vault.conftest import Borrower

APP = Path(vault.__file__).parent
IN_TEMPLATES = re.compile(r"""\{% translate ["']([^"']+)["'](?: context ["']([^"']+)["'])?""")
IN_BLOCKS = re.compile(r"\{% blocktranslate[^%]*%\}(.*?)\{%", re.DOTALL)
IN_PYTHON = re.compile(r"""\b_\("([^"]+)"\)|\bp?gettext(?:_lazy)?\("([^"]+)", "([^"]+)"\)""")


def test_every_text_has_its_chinese() -> None:
    with (APP / "locale/zh_Hans/LC_MESSAGES/django.po").open("rb") as file:
        catalogue = read_po(file)
    known = {
        (message.context, message.id if isinstance(message.id, str) else message.id[0])
        for message in catalogue
        if message.string
    }
    wanted: set[tuple[str | None, str]] = set()
    for path in APP.rglob("*.html"):
        text = path.read_text("utf-8")
        wanted |= {(context or None, said) for said, context in IN_TEMPLATES.findall(text)}
        wanted |= {(None, re.sub(r"\{\{ (\w+) \}\}", r"%(\1)s", said)) for said in IN_BLOCKS.findall(text)}
    for path in APP.glob("*.py"):
        for plain, context, said in IN_PYTHON.findall(path.read_text("utf-8")):
            wanted.add((context or None, said or plain))
    assert len(wanted) > 40
    assert wanted - known == set()


def test_the_form_is_in_the_users_language(sign_in: Any, cast: dict[str, User], own: Borrower) -> None:
    cast["officer"].language = "zh-hans"
    cast["officer"].save()
    shown = sign_in("officer").get(f"/vault/{own.borrower_id}/reveal/").content.decode()
    assert "贷后检查或走访" in shown
    assert "具体事由" in shown
