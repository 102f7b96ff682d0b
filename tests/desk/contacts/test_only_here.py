"""That no code path contacts anybody beside the gate: read from the code itself."""

from __future__ import annotations

import ast
import inspect
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

import daihou
from daihou.desk.contacts.channels import email, interface, sms

if TYPE_CHECKING:
    from collections.abc import Iterator

SOURCE: Final = Path(daihou.__file__).parent
CONTACTING: Final = "desk/contacts/contacting.py"
MAKES: Final = ("create", "bulk_create", "get_or_create", "update_or_create", "acreate", "abulk_create")


def files() -> Iterator[tuple[str, ast.Module]]:
    """Every file of the package with its code, migrations left out: they make tables, no rows."""
    for path in sorted(SOURCE.rglob("*.py")):
        if "migrations" not in path.parts:
            yield path.relative_to(SOURCE).as_posix(), ast.parse(path.read_text("utf-8"))


def calls(code: ast.Module) -> Iterator[str]:
    """What is called, as it is written."""
    for node in ast.walk(code):
        if isinstance(node, ast.Call):
            yield ast.unparse(node.func)


def where(*names: str) -> set[str]:
    """The files that call one of these."""
    return {
        file
        for file, code in files()
        for name in calls(code)
        if name in names or name.endswith(tuple(f".{each}" for each in names))
    }


def test_a_contact_is_written_by_contacting_alone() -> None:
    assert where("Contact", *(f"Contact.objects.{make}" for make in MAKES)) == {CONTACTING}


def test_a_permit_is_made_by_contacting_alone() -> None:
    assert where("Permit") == {CONTACTING}
    code = dict(files())[CONTACTING]
    makers = [
        node.name
        for node in ast.walk(code)
        if isinstance(node, ast.FunctionDef) and "Permit" in calls(ast.Module(node.body, []))
    ]
    assert makers == ["_permit"]


def test_no_other_name_is_given_to_what_is_watched() -> None:
    renamed = {
        f"{file}: {alias.name} as {alias.asname}"
        for file, code in files()
        for node in ast.walk(code)
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("daihou.desk.contacts")
        for alias in node.names
        if alias.name in ("Contact", "Permit") and alias.asname
    }
    assert not renamed


def test_people_are_unsealed_for_contacts_within_three_files_alone() -> None:
    """Others get masked values from them; in clear a value leaves by `points.value`, which asks for a permit."""
    unsealing = {
        file
        for file, code in files()
        for node in ast.walk(code)
        if isinstance(node, ast.ImportFrom) and node.module == "daihou.desk.contacts.unsealed"
    }
    assert unsealing == {f"desk/contacts/{name}.py" for name in ("circumstances", "history", "people", "points")}


@pytest.mark.parametrize("channel", [interface.Channel, email.Email, sms.Sms], ids=lambda one: one.__name__)
def test_no_channel_sends_without_a_permit(channel: type) -> None:
    first = list(inspect.signature(channel.send).parameters.values())[1]  # type: ignore[attr-defined]
    assert (first.name, first.annotation, first.default) == ("permit", "Permit", inspect.Parameter.empty)
