"""`daihou vault`: what is in the vault, its keys rotated, people erased."""

from __future__ import annotations

import csv
import sys
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from daihou.book.errors import DaihouError
from daihou.cli import clock
from daihou.cli.desk import bring_up_to_date, django_ready
from daihou.cli.language import text
from daihou.cli.machine_user import machine_user
from daihou.cli.progress import shown

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from daihou.book.home import Home
    from daihou.book.intake import Blinder, Sink
    from daihou.vault.keyset import Keyset


class Act(StrEnum):
    """What may be done with the vault."""

    STATUS = "status"
    ROTATE = "rotate"
    ROTATE_TOKENS = "rotate-tokens"
    ERASE = "erase"
    READMIT = "readmit"
    ERASURES = "erasures"


def command(
    act: Annotated[
        Act,
        typer.Argument(
            help=text(
                "status: keys and people. rotate: a new key for data keys. rotate-tokens: a new key for search. "
                "erase: erase borrowers. readmit: let erased ones be delivered again. erasures: list who was erased, as CSV.",
                "status：密钥与人数；rotate：更换数据密钥的主密钥；rotate-tokens：更换检索密钥；"
                "erase：删除客户个人信息；readmit：允许已删除客户重新报送；erasures：以 CSV 列出删除记录。",
            )
        ),
    ],
    borrowers: Annotated[
        list[str] | None,
        typer.Argument(help=text("Borrower numbers, to erase or readmit.", "客户号，用于 erase 或 readmit。")),
    ] = None,
    reason: Annotated[
        str, typer.Option(help=text("Who asked for it, and when. No names.", "由谁、何时提出；请勿写姓名。"))
    ] = "",
    yes: Annotated[bool, typer.Option("--yes", "-y", help=text("Do not ask.", "不再询问。"))] = False,
) -> None:
    """Look after the vault."""
    home = ready()
    chosen = borrowers or []
    if (act in (Act.ERASE, Act.READMIT)) != bool(chosen):
        raise DaihouError(
            f"`{act}` takes {'borrower numbers' if not chosen else 'no borrower numbers'}.",
            "Write for example: daihou vault erase B00000001 --reason '…'",
            zh=(
                f"“{act}”{'需要指定客户号' if not chosen else '不接受客户号'}。",
                "写法如：daihou vault erase B00000001 --reason '……'",
            ),
        )
    match act:
        case Act.STATUS:
            raise typer.Exit(_status(home))
        case Act.ROTATE:
            _rotate(home)
        case Act.ROTATE_TOKENS:
            _rotate_tokens(home)
        case Act.ERASE:
            _erase(chosen, reason, yes=yes)
        case Act.READMIT:
            _readmit(chosen, reason)
        case Act.ERASURES:
            _erasures()


def ready() -> Home:
    """The home, with Django set up over it; the desk's database is brought up to date only where it is not, for intake comes by often."""
    home = django_ready()
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        bring_up_to_date()
    return home


def sinks() -> Mapping[str, Sink]:
    """Where intake puts the tables of the vault."""
    home = ready()
    from daihou.desk.vault.sink import PeopleSink

    return {"people": PeopleSink(home)}


def blinder(home: Home, on: date) -> Blinder:
    """What intake blinds raw texts with, by the keywords of a day; the keyset is made with the first people or the first counterparty."""
    from daihou.runs import blinding

    return blinding.blinder(home, _keyset, on)


def _keyset() -> Keyset:
    """The keyset for tokens, with the desk made ready once it is asked for."""
    ready()
    from daihou.desk.vault.keys import token_keyset

    return token_keyset()


def after_borrowers(home: Home) -> None:
    """Let the vault know who is a company, where it holds anybody."""
    from daihou.vault.keyset import keyset_path

    if keyset_path(home).exists():
        ready()
        from daihou.desk.vault.sink import relearn_kinds

        relearn_kinds(home)


def _status(home: Home) -> int:
    """Say how things stand; 1 where something is to be done."""
    from daihou.desk.vault import rotation
    from daihou.desk.vault.keys import made
    from daihou.desk.vault.models import Person
    from daihou.vault import keyset

    sealed, erased = Person.objects.filter(erased_at=None).count(), Person.objects.exclude(erased_at=None).count()
    if not sealed and not made():
        typer.echo(
            text("The vault is empty. Its keyset is made with the first people.", "保险库为空，首次入库时生成密钥集。")
        )
        return 0
    status = keyset.status(home)
    typer.echo(f"{text('Keyset', '密钥集')}: {status.place}")
    under = rotation.by_key()
    for key in status.keys:
        purpose = text("data keys", "数据密钥") if key.purpose == "wrapping" else text("search", "检索")
        use = text("in use", "使用中") if key.primary else text("old", "旧密钥")
        people = f"{under.get(key.key_id, 0):>12,}" if key.purpose == "wrapping" else " " * 12
        typer.echo(f"  {key.key_id:>10}  {purpose}  {key.made_on}  {people}  {use}")
    keys, tokens = rotation.stale_keys(), rotation.stale_tokens()
    typer.echo(text(f"People: {sealed:,} sealed, {erased:,} erased", f"人数：已加密 {sealed:,}，已删除 {erased:,}"))
    wrong = []
    if not status.private:
        wrong.append(
            text("Others may read the keyset: run chmod 600 on it.", "其他用户可读取密钥集，请执行 chmod 600。")
        )
    if keys:
        wrong.append(
            text(
                f"{keys:,} data keys are to be wrapped anew: `daihou vault rotate`.",
                f"{keys:,} 个数据密钥待重新加密：`daihou vault rotate`。",
            )
        )
    if tokens:
        wrong.append(
            text(
                f"{tokens:,} people's tokens are to be made anew: `daihou vault rotate-tokens`.",
                f"{tokens:,} 人的检索令牌待重新生成：`daihou vault rotate-tokens`。",
            )
        )
    for line in wrong:
        typer.echo(line, err=True)
    return 1 if wrong else 0


def _rotate(home: Home) -> None:
    from daihou.desk.audit.log import record
    from daihou.desk.vault import rotation
    from daihou.desk.vault.keys import keyset
    from daihou.vault.keyset import rotate

    keyset()  # made where there is none yet; missing beside sealed people it is an error
    begun = rotation.stale_keys() > 0
    if not begun:
        rotate(home, on=clock.today(home))
    key = keyset().primary("wrapping").key_id
    with shown() as progress:
        people = rotation.rewrap_stale(progress)
    record(None, "vault.rotate", "vault", str(key), {"by": machine_user(), "people": people})
    _said(begun=begun, key=key, what=text(f"{people:,} data keys wrapped anew", f"已重新加密 {people:,} 个数据密钥"))


def _rotate_tokens(home: Home) -> None:
    from daihou.desk.audit.log import record
    from daihou.desk.vault import rotation
    from daihou.desk.vault.keys import keyset
    from daihou.vault.keyset import rotate_tokens

    keyset()
    begun = rotation.stale_tokens() > 0
    if not begun:
        rotate_tokens(home, on=clock.today(home))
    key = keyset().primary("tokens").key_id
    with shown() as progress:
        people = rotation.retoken(progress)
    record(None, "vault.rotate_tokens", "vault", str(key), {"by": machine_user(), "people": people})
    _said(
        begun=begun, key=key, what=text(f"tokens of {people:,} people made anew", f"已重新生成 {people:,} 人的检索令牌")
    )


def _said(*, begun: bool, key: int, what: str) -> None:
    if begun:
        typer.echo(
            text(
                f"The rotation begun before is finished: {what} under key {key}.",
                f"此前中断的轮换已完成：{what}，密钥 {key}。",
            )
        )
    else:
        typer.echo(text(f"New key {key}: {what}. Back up the keyset now.", f"新密钥 {key}：{what}。请立即备份密钥集。"))


def _erase(borrowers: list[str], reason: str, *, yes: bool) -> None:
    from daihou.desk.vault import people
    from daihou.desk.vault.erasure import erase

    if not yes:
        if not sys.stdin.isatty():
            raise DaihouError(
                "Erasing cannot be undone, and there is nobody to ask.",
                "Add --yes.",
                zh=("删除不可恢复，且当前无法询问确认。", "请加 --yes。"),
            )
        names = people.masked_names(borrowers)
        listed = ", ".join(f"{number} {names.get(number, '')}".strip() for number in borrowers)
        question = text(
            f"Erase name and contact details of {listed}? It cannot be undone.",
            f"删除 {listed} 的姓名和联系信息？此操作不可恢复。",
        )
        if not typer.confirm(question):
            raise typer.Exit(2)
    for number in borrowers:
        done = erase(number, machine_user(), reason)
        typer.echo(f"{number}: {text('erased', '已删除') if done else text('was erased before', '此前已删除')}")
    typer.echo(
        text(
            "Backups from before still hold them: erasure is complete when the last of these is gone.",
            "此前的数据库备份中仍有其信息，最后一份备份销毁后删除才算完成。",
        )
    )


def _readmit(borrowers: list[str], reason: str) -> None:
    from daihou.desk.vault.erasure import readmit

    for number in borrowers:
        readmit(number, machine_user(), reason)
        typer.echo(f"{number}: {text('may be delivered again', '可重新报送')}")


def _erasures() -> None:
    from daihou.desk.vault.models import Person

    table = csv.writer(sys.stdout, lineterminator="\n")
    table.writerow(["borrower_id", "erased_at", "erased_by", "reason"])
    for person in Person.objects.exclude(erased_at=None).order_by("erased_at", "pk").iterator():
        at = person.erased_at.isoformat(timespec="seconds") if person.erased_at else ""
        table.writerow([person.borrower_id, at, person.erased_by, person.erased_because])
