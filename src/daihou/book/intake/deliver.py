"""Taking files in, each whole or not at all: hash, stage, check, commit, register."""

from __future__ import annotations

import shutil
import time
from collections import Counter
from datetime import date
from typing import TYPE_CHECKING, Literal

from daihou.book import business_date, contracts, lake
from daihou.book.errors import DaihouError
from daihou.book.intake import journal, mapping, settle, vaulted
from daihou.book.intake.content import examine
from daihou.book.intake.headers import check_columns, check_forbidden, check_select
from daihou.book.intake.identity import earlier, identity
from daihou.book.intake.knowledge import Disbursed, Knowledge
from daihou.book.intake.notes import Notes
from daihou.book.intake.order import Order, Progress
from daihou.book.intake.readers import Source, open_source
from daihou.book.intake.report import FileReport, Report
from daihou.book.intake.rows import Judge
from daihou.book.intake.sandbox import selected
from daihou.book.intake.staging import Staging
from daihou.book.intake.translate import plan

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from daihou.book.contracts import Table
    from daihou.book.home import Home
    from daihou.book.intake.blinding import Blinder
    from daihou.book.intake.content import Content
    from daihou.book.intake.identity import Earlier
    from daihou.book.intake.plans import Covered
    from daihou.book.intake.sinks import Sink
    from daihou.book.intake.translate import Plan


def deliver(
    home: Home,
    files: Sequence[Path],
    table: str,
    *,
    today: date,
    mapping_file: Path | None = None,
    known_on: date | Literal["event"] | None = None,
    replace: bool = False,
    backfill: bool = False,
    progress: Progress = lambda *_: None,
    covered: Covered | None = None,
    step: Callable[[str], None] = lambda _: None,
    sinks: Mapping[str, Sink] | None = None,
    blinder: Blinder | None = None,
) -> Report:
    """Take files into a table of the lake and return what came of them.

    `today` is the open business date, on which facts are known where nothing else is said. Each file is one batch,
    whole or not at all. `step` is told each step before it is taken. The rows of a table of the vault go to its sink,
    raw texts through the blinder.
    DaihouError where nothing of a file can be taken in.
    """
    declared = contracts.table(table)
    with journal.locked(home):
        journal.recover(home, step)
        sealed = None if declared.vault else business_date.sealed_through(home)  # no run rests on who somebody is
        _allowed(declared, known_on, sealed, replace=replace, backfill=backfill, covered=covered)
        loaded = mapping.load(mapping_file, declared)
        sink = vaulted.sink_for(declared, loaded, sinks or {})
        order = Order(
            home, declared, loaded, known_on, today, sealed, replace, backfill, covered, progress, step, sink, blinder
        )  # fmt: skip
        done: list[FileReport] = []
        for path in files:
            try:
                done.append(_file(order, path))
            except DaihouError as error:
                if done:
                    error.remedy += f" The {len(done)} file(s) before it were taken in."
                    error.zh = error.zh[0], f"{error.zh[1]}此前的 {len(done)} 个文件已入库。"
                raise
    return Report(tuple(done))


def _allowed(
    table: Table,
    known_on: date | Literal["event"] | None,
    sealed: date | None,
    *,
    replace: bool,
    backfill: bool,
    covered: Covered | None,
) -> None:
    if replace and table.name != "instalments":
        raise DaihouError(
            "--replace is for instalments.",
            "Leave it out.",
            f"--table {table.name}",
            zh=("--replace 仅用于还款计划（instalments）。", "请去掉该选项。"),
        )
    if replace and covered is None:
        raise DaihouError(
            "--replace needs to know which instalments are covered, and there is nobody to ask.",
            "Hand in `covered`, or send the plan without --replace.",
            "--replace",
            zh=(
                "--replace 需要判断哪些期次已足额偿还，但没有可供查询的账本。",
                "请提供 covered，或去掉 --replace 报送计划。",
            ),
        )
    if isinstance(known_on, date) and sealed is not None and known_on <= sealed and not backfill:
        raise DaihouError(
            f"{known_on} is sealed: runs up to {sealed} rest on what was known then.",
            "Leave --known-on out, or add --backfill to change what was known (and be marked so).",
            "--known-on",
            zh=(
                f"{known_on} 已封账：截至 {sealed} 的跑批均以当时已知事实为准。",
                "请去掉 --known-on；确需更改当时所知的，加 --backfill 并留痕。",
            ),
        )
    if known_on == "event" and table.own_on is None:
        raise DaihouError(
            f"Rows of {table.name} have no date of their own.",
            "Give --known-on a date.",
            "--known-on event",
            zh=(f"表 {table.name} 的记录没有自身日期。", "请为 --known-on 指定日期。"),
        )


def _file(order: Order, path: Path) -> FileReport:
    started = time.perf_counter()
    order.step("hashing")
    content = examine(path, lambda done: order.progress("hashing", done, 0), order.mapping.layout.encoding)
    delivery = identity(content.sha256, order)
    before = earlier(order.home, order.table.name, delivery)
    if before is not None and not before.outstanding:
        return _seen(order, path, before, time.perf_counter() - started)
    batch = journal.next_batch(order.home, order.table.name)
    with journal.folder_of(order.home, batch) as folder:
        return _staged(order, content, delivery, batch, folder, before, started)


def _staged(
    order: Order, content: Content, delivery: str, batch: int, folder: Path, before: Earlier | None, started: float
) -> FileReport:
    order.step("staging")
    source = open_source(content, order.mapping.layout)
    if order.mapping.select is not None:
        place = f"{order.mapping.place}, select"
        check_select(order.table, plan(order.mapping, order.table, source.names), place)
        source = selected(source, order.mapping.select, folder, place)
    judge = _judge(order, content, source, delivery, batch, before)
    settled, rows, reasons = (_handed_over if order.sink is not None else _settled)(
        order, judge, source, folder, content, before
    )
    report = _report(judge, settled, rows, reasons, started, content)
    if before is not None and not settled.new:
        shutil.rmtree(folder)
        return report
    order.progress("committing", 0, 0)
    row = settle.said(
        delivery, report, order.today, settled, known_on=order.known_on, replace=order.replace, backfill=order.backfill
    )
    files = [*settled.files, settle.register([row], batch, folder)]
    order.step("deciding")
    journal.decide(folder, journal.Delivery(batch, delivery, order.table.name, journal.named(files)))
    journal.carry_out(order.home, folder, order.step)
    return report


def _settled(
    order: Order, judge: Judge, source: Source, folder: Path, content: Content, before: Earlier | None
) -> tuple[settle.Settled, int, Counter[str]]:
    """Stage the rows and check them against the lake; return what is to be committed, the rows, and why bad ones are."""
    facts, rejects, rows, reasons = _read(order, judge, source, folder)
    _some(rows, content, before)
    order.step("checking")
    order.progress("checking", 0, 0)
    return settle.settle(order, judge, facts, rejects, folder, retry=before is not None), rows, reasons


def _handed_over(
    order: Order, judge: Judge, source: Source, folder: Path, content: Content, before: Earlier | None
) -> tuple[settle.Settled, int, Counter[str]]:
    """Hand the rows to the sink; return the same."""
    judge.notes.left_out = judge.plan.extra
    rejects = _rejects(judge, folder)
    found = vaulted.read(order, judge, source, rejects)
    _some(found.rows, content, before)
    order.step("handing over")
    settled = vaulted.hand_over(order, judge, source, found, rejects, retry=before is not None)
    return settled, found.rows, found.reasons


def _some(rows: int, content: Content, before: Earlier | None) -> None:
    if rows == 0 and before is None:
        raise DaihouError(
            "The file has a header but no rows.",
            "Send at least one row.",
            str(content.path),
            zh=("文件只有表头，没有数据。", "请至少发送一行数据。"),
        )


def _rejects(judge: Judge, folder: Path) -> Staging:
    return Staging(folder, f"b{judge.batch:07d}-quarantine", lake.schema("quarantine"))


def _judge(order: Order, content: Content, source: Source, delivery: str, batch: int, before: Earlier | None) -> Judge:
    how = plan(order.mapping, order.table, source.names)
    may_blind = order.blinder is not None
    by_event = order.known_on == "event"
    check_columns(order.table, how, source.names, str(content.path), by_event=by_event, may_blind=may_blind)

    def replan(names: tuple[str, ...]) -> Plan:
        anew = plan(order.mapping, order.table, names)
        check_forbidden(order.table, anew, str(content.path), may_blind=may_blind)
        return anew

    by_event_instalments = by_event and order.table.name == "instalments"
    knowledge = Knowledge(
        order.known_on,
        order.today,
        order.sealed_through,
        order.backfill,
        order.home.settings.timezone,
        Disbursed(order.home) if by_event_instalments else None,
    )
    return Judge(
        order.table,
        how,
        replan,
        frozenset(source.names),
        knowledge,
        order.home.settings.base_currency,
        batch,
        delivery,
        content.path.name,
        source.spreadsheet,
        Notes(odd_quotes=content.quotes % 2 == 1),
        order.replace,
        before.outstanding if before is not None else None,
        order.blinder,
    )


def _read(order: Order, judge: Judge, source: Source, folder: Path) -> tuple[list[Path], Staging, int, Counter[str]]:
    """Stage every chunk; return the files of good rows, the open stage of bad ones, the rows, and why bad ones are."""
    facts = Staging(folder, f"b{judge.batch:07d}-{order.table.name}", lake.schema(order.table.name))
    rejects = _rejects(judge, folder)
    reasons: Counter[str] = Counter()
    rows, first = 0, 1
    for chunk in source.chunks():
        good, bad, count = judge.chunk(chunk, first)
        facts.add(good)
        rejects.add(bad)
        reasons.update(bad.column("reason").to_pylist())
        judge.notes.remember(bad)
        rows += count
        first += chunk.cells.height + len(chunk.broken)
        order.progress("reading", chunk.done, source.total)
    return facts.close(), rejects, rows, reasons


def _report(
    judge: Judge, settled: settle.Settled, rows: int, reasons: Counter[str], started: float, content: Content
) -> FileReport:
    return FileReport(
        file=content.path.name,
        table=judge.table.name,
        batch=judge.batch,
        rows=rows,
        new=settled.new - settled.cancelled,
        unchanged=settled.unchanged,
        waiting=settled.waiting,
        quarantined=dict((reasons + (settled.reasons or Counter())).most_common()),
        examples=tuple(judge.notes.examples),
        warnings=judge.notes.warnings(),
        seconds=time.perf_counter() - started,
        cancelled=settled.cancelled,
    )


def _seen(order: Order, path: Path, before: Earlier, seconds: float) -> FileReport:
    return FileReport(
        file=path.name,
        table=order.table.name,
        batch=before.batch,
        rows=before.rows,
        new=0,
        unchanged=before.rows - sum(before.quarantined.values()),
        waiting=0,
        quarantined=before.quarantined,
        examples=(),
        warnings=(),
        seconds=seconds,
        seen_before=True,
    )
