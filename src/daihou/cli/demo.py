"""`daihou demo`: a book with a story, taken in, measured at every month end, shown, and opened at the desk."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import sys
import time
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from daihou.book.errors import DaihouError
from daihou.cli import clock
from daihou.cli.language import chinese, text
from daihou.cli.progress import shown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import Console

    from daihou.book.home import Home
    from daihou.demo.delinquency import Standing
    from daihou.demo.source import Source

MARK = "daihou-demo"
"""A file in the demo's home that says it may be thrown away."""
LOANS = 20_000
PORT = 8420


def command(
    data: Annotated[
        Path | None,
        typer.Option(
            help=text(
                "Folder of the real auto-loan file, to show that book; else DATA.",
                "真实车贷文件所在文件夹，演示该数据；不填则取 DATA。",
            )
        ),
    ] = None,
    profile: Annotated[
        Literal["bank", "trust", "online"], typer.Option(help=text("Kind of lender.", "机构类型。"))
    ] = "bank",
    output: Annotated[Path, typer.Option("-o", "--output", help=text("The picture to write.", "输出的图片。"))] = Path(
        "out/demo.png"
    ),
    loans: Annotated[
        int,
        typer.Option(min=1_000, max=1_000_000, help=text("Loans of the simulated book.", "模拟贷款组合的贷款笔数。")),
    ] = LOANS,
    serve: Annotated[
        bool,
        typer.Option(
            "--serve/--no-serve", help=text("Open the desk in the browser at the end.", "最后启动浏览器工作台。")
        ),
    ] = True,
    port: Annotated[
        int,
        typer.Option(
            min=1, max=65535, help=text("Port of the desk, or the next free one.", "工作台端口，被占用则顺延。")
        ),
    ] = PORT,
) -> None:
    """Take in a book, measure every loan at each month end, show how it pays, and open the desk on it."""
    from daihou.demo import printed, source

    if output.suffix not in (".png", ".svg", ".pdf"):
        raise DaihouError(
            f"A picture ending in '{output.suffix}' cannot be written.",
            "Name a .png, .svg or .pdf file.",
            "-o",
            zh=(f"无法输出 {output.suffix} 格式的图片。", "请指定 .png、.svg 或 .pdf 文件。"),
        )
    checkout = source.root()
    file = source.find(data, os.environ)
    folder = _fresh(_place())
    compiling = _compiling()
    laps: dict[str, float] = {}
    with _lap(laps, text("making the book", "生成")), shown() as progress:
        book = source.real(file, checkout) if file else source.simulated(folder / "sent", profile, loans, progress)
    home = _home(folder, profile, book.currency)
    console = _console()
    printed.announce(console, book, profile, loans)
    with _lap(laps, text("taking in", "导入")):
        _take_in(console, home, book)
    with _lap(laps, text("measuring", "计量")):
        dates = _measure(console, home, book, compiling)
    with _lap(laps, text("tables and pictures", "图表")):
        printed.show(console, home, book, profile, dates, output)
    _go_on(console, home, book)
    _desk(console, home, book, profile, laps, port=port, serve=serve)


def _desk(
    console: Console, home: Home, book: Source, profile: str, laps: dict[str, float], *, port: int, serve: bool
) -> None:
    """Furnish the desk, say who may sign in, and open it."""
    from daihou.cli import demo_desk
    from daihou.demo import printed
    from daihou.demo.staff import staff

    printed.section(console, text("The desk", "工作台"))
    members = staff(home, None if book.real else profile, book.last)
    with _lap(laps, text("people and users", "人员与用户")):
        people = demo_desk.furnish(home, book.people)
        password = demo_desk.enter(members)
    with _lap(laps, text("alerts", "预警")):
        alerts = demo_desk.raise_alerts(members)
    with _lap(laps, text("collection", "催收")):
        lived = demo_desk.collect(home, members, told=bool(people))
    if people:
        said = text(f"{people:,} invented people sealed in the vault", f"{people:,} 名虚构客户已加密入库")
        console.print(f"  {said}")
    said = text(
        f"{alerts.raised:,} alerts raised by the last run, {alerts.worked} of them worked on",
        f"最近一次跑批产生预警 {alerts.raised:,} 条，其中 {alerts.worked} 条已着手处置",
    )
    console.print(f"  {said}")
    said = text(
        f"{lived.cases:,} cases in collection, {lived.listed:,} on the lists of today; of {lived.contacts:,} contacts gone by"
        f" came {lived.kept} promises kept and {lived.broken} broken, {lived.refused} more were refused by the gate",
        f"在催案件 {lived.cases:,} 件，今日名单 {lived.listed:,} 户；历史联系 {lived.contacts:,} 次，承诺履约 {lived.kept} 笔、失约 {lived.broken} 笔，"
        f"合规闸门拦截 {lived.refused} 次",
    )
    console.print(f"  {said}", soft_wrap=True)
    console.print(demo_desk.table(members))
    console.print(text(f"Password of all: [bold]{password}[/]", f"密码（各用户相同）：[bold]{password}[/]"))
    times = ", ".join(f"{name} {seconds:.0f}" for name, seconds in laps.items())
    total = sum(laps.values())
    console.print(
        text(f"Done in {total:.0f} s ({times}).", f"用时 {total:.0f} 秒（{times}）。"), style="dim", soft_wrap=True
    )
    if serve:
        demo_desk.open_desk(port)
    else:
        console.print(text("Open the desk with:", "启动工作台："))
        console.print(f"  DAIHOU_HOME='{home.path}' daihou serve", markup=False, soft_wrap=True)


@contextmanager
def _lap(laps: dict[str, float], name: str) -> Iterator[None]:
    """Note how long something took."""
    began = time.perf_counter()
    yield
    laps[name] = time.perf_counter() - began


def _place() -> Path:
    """Where the demo's own home is: inside DAIHOU_HOME, or beside the usual one."""
    stated = os.environ.get("DAIHOU_HOME")
    if stated:
        return Path(stated).expanduser().resolve() / "demo"
    import platformdirs

    return Path(platformdirs.user_data_dir("daihou-demo", appauthor=False))


def _fresh(folder: Path) -> Path:
    """Throw away what an earlier demo left, and nothing else."""
    if folder.exists() and any(folder.iterdir()):
        if not (folder / MARK).is_file():
            raise DaihouError(
                "The demo's folder holds something else.",
                "Move it away, or set DAIHOU_HOME elsewhere.",
                str(folder),
                zh=("演示文件夹中已有其他内容。", "请移走，或将 DAIHOU_HOME 设到别处。"),
            )
        _claim(folder)
        shutil.rmtree(folder)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / MARK).write_text("Made by `daihou demo`, which throws this folder away and makes it anew.\n", "utf-8")
    _claim(folder)
    return folder


def _claim(folder: Path) -> None:
    """Hold the demo's folder until this process ends, also where it goes on as the desk; DaihouError where another one holds it."""
    mark = os.open(folder / MARK, os.O_RDONLY)
    try:
        fcntl.flock(mark, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(mark)
        raise DaihouError(
            "Another demo is open here.",
            "Close it with Ctrl-C, or set DAIHOU_HOME elsewhere.",
            str(folder),
            zh=("此处已有演示正在运行。", "请按 Ctrl-C 停止它，或将 DAIHOU_HOME 设到别处。"),
        ) from None
    os.set_inheritable(mark, True)  # noqa: FBT003 - it takes no names


def _home(folder: Path, profile: str, currency: str) -> Home:
    from daihou.book.home import SETTINGS_FILE, open_home

    (folder / SETTINGS_FILE).write_text(f'base_currency = "{currency}"\nprofile = "{profile}"\n', "utf-8")
    return open_home(folder)


def _console() -> Console:
    from rich.console import Console

    return Console(highlight=False, soft_wrap=False)


def _take_in(console: Console, home: Home, book: Source) -> None:
    """Take in every file, table by table, and say what came of each."""
    from daihou.book.business_date import open_business_date
    from daihou.book.intake import deliver
    from daihou.demo.printed import section
    from daihou.runs.blinding import blinder
    from daihou.vault.keyset import open_keyset

    section(console, text("Taking in", "导入"))
    today = open_business_date(home, clock.now())
    blinded = blinder(home, partial(open_keyset, home, on=today, must_exist=False), today)
    for sent in book.sent:
        with shown() as progress:
            report = deliver(
                home,
                list(sent.files),
                sent.table,
                today=today,
                mapping_file=sent.mapping,
                known_on="event" if book.real else None,  # a simulated book says itself when what was known
                progress=progress,
                blinder=blinded,
            )
        bad = sum(report.quarantined.values())
        refused = text(f", [yellow]{bad:,} in quarantine[/]", f"，[yellow]隔离 {bad:,} 行[/]") if bad else ""
        console.print(f"  {sent.table:<12} {report.new:>9,} {text('facts', '条事实')}{refused}")
        for example in report.examples[:2]:
            why = example.message_zh if chinese() else example.message_en
            console.print(
                f"    {example.file}:{example.line} {example.column} '{example.value}': {why}",
                style="dim",
                markup=False,
                soft_wrap=True,
            )


def _compiling() -> subprocess.Popen[bytes]:
    """The kernels compiled beside us while the book is made; in no time where that was done before."""
    words = [sys.executable, "-m", "daihou.cli.warm"]
    quiet = subprocess.DEVNULL
    return subprocess.Popen(words, stdin=quiet, stdout=quiet, stderr=quiet)  # noqa: S603 - the words are ours


def _measure(console: Console, home: Home, book: Source, compiling: subprocess.Popen[bytes]) -> list[Standing]:
    """Measure the book at every month end, as known on that day."""
    from daihou.cli.demo_models import in_two, model
    from daihou.cli.warm import warm
    from daihou.demo.delinquency import standings
    from daihou.demo.printed import section
    from daihou.runs.history import dates, pairs
    from daihou.runs.nightly import run_all

    section(console, text("Measuring", "计量"))
    days = dates(book.first, book.last, "month-end")
    with shown() as progress:
        progress("compile", 0, 1)
        compiling.wait()
        warm(progress)
        began = time.perf_counter()
        earlier, scored = in_two(pairs(days, None))
        outcomes = run_all(home, earlier, progress)
        told = model(home, progress) if scored else ()
        if scored:
            outcomes += run_all(home, scored, progress)
    took = time.perf_counter() - began
    measured = sum(outcome.loans for outcome in outcomes)
    console.print(
        text(
            f"  {len(days)} month ends, each as known on its day: {measured:,} standings in {took:.1f} s",
            f"  {len(days)} 个月末，各按当日已知事实：{measured:,} 条状况，{took:.1f} 秒",
        )
    )
    for line in told:
        console.print(f"  {line}", markup=False, soft_wrap=True)
    unmeasured = sum(outcome.unmeasured for outcome in outcomes)
    if unmeasured:
        console.print(text(f"  {unmeasured:,} could not be measured", f"  {unmeasured:,} 条无法计量"), style="yellow")
    return standings(home, days)


def _go_on(console: Console, home: Home, book: Source) -> None:
    """Say how to go on at the command line."""
    from daihou.demo.printed import section

    section(console, text("At the command line", "命令行"))
    explaining: tuple[str, ...] = ()
    if book.example:
        loan, as_of = book.example
        explaining = (f"daihou explain {loan} --as-of {as_of} --known-on {as_of} --against {book.last}",)
    for line in (
        f"export DAIHOU_HOME='{home.path}'",
        *explaining,
        f"daihou export snapshots --as-of {book.last} --where 'dpd > 90' -o late.xlsx",
        "daihou export rolls -o rolls.png",
    ):
        console.print(f"  {line}", markup=False, soft_wrap=True)
