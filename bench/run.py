"""The bench: `python -m bench.run --loans 1000000` builds a book, measures daihou and its peers on it, and prints one table.

Every line is measured in the same run, each in a process of its own. The floor is the best time in which any of three readers
merely reads the needed Parquet columns; ratios are to it. All answers must have the same sums, or the bench fails.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import sys
import tempfile
from dataclasses import asdict, dataclass
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from rich.console import Console
from rich.table import Table

from bench import facts, measure
from daihou.cli.main import COMMANDS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bench.measure import Ended

PARTS: Final = ("peers", "ledger", "kernel", "run", "history", "explain", "help", "compile", "intake")
NEED_BOOK: Final = {"peers", "ledger", "kernel", "run", "history", "explain", "compile"}
NEED_FLOOR: Final = {"peers", "kernel", "run"}
MILLION: Final = 1_000_000
TRIES: Final = 3
MB: Final = 1e6
GB: Final = 1e9


@dataclass(frozen=True, slots=True)
class Line:
    """One thing measured. `ratio` is to what `against` names; `met` is None where there is no target."""

    name: str
    wall_s: float
    cpu_s: float | None = None
    anonymous_mb: float | None = None
    mapped_mb: float | None = None
    ratio: float | None = None
    against: str = ""
    target: str = ""
    met: bool | None = None
    note: str = ""


class Bench:
    """A bench under way: where its book lies, and the lines measured so far."""

    def __init__(self, folder: Path, console: Console) -> None:
        self.folder = folder
        self.home = folder / "home"
        self.lines: list[Line] = []
        self.floor_s: float | None = None
        self._console = console

    def step(
        self, name: str, *options: str, home: Path | None = None, environment: dict[str, str] | None = None
    ) -> Ended:
        """Run one step of `bench.steps` in a process of its own."""
        with self._console.status(f"{name} …"):
            return measure.python("-m", "bench.steps", name, str(home or self.home), *options, environment=environment)

    def add(self, line: Line) -> None:
        """Keep a line, and say it at once."""
        self.lines.append(line)
        verdict = {True: "met", False: "NOT met", None: ""}[line.met]
        self._console.print(f"{line.name}: {_seconds(line.wall_s)} {line.note} {verdict}", highlight=False)

    def within(
        self,
        name: str,
        ended: Ended,
        *,
        seconds: float,
        cpu_s: float | None = None,
        times: float | None = None,
        note: str = "",
    ) -> None:
        """Keep a line with its ratio to the floor and, where `times` is given, that as the target."""
        ratio = seconds / self.floor_s if self.floor_s else None
        met = None if times is None or ratio is None else ratio <= times
        target = f"≤ {times:g}x floor" if times is not None else ""
        self.add(Line(name, seconds, cpu_s, *_peaks(ended), ratio, "floor", target, met, note))


def _peaks(ended: Ended) -> tuple[float, float]:
    return ended.cost.peak_anonymous / MB, ended.cost.peak_mapped / MB


def floor(bench: Bench) -> None:
    """Merely read the needed columns."""
    ended = bench.step("floor")
    bench.floor_s = ended.said["seconds"]
    readers = ", ".join(f"{name} {seconds:.2f}" for name, seconds in ended.said["readers"].items())
    bench.add(
        Line(
            "floor: read the needed Parquet columns",
            ended.said["seconds"],
            None,
            *_peaks(ended),
            note=f"best of {readers} s",
        )
    )


def peers(bench: Bench, loans: int) -> None:
    """Let pandas and plain Python answer, and check that all answers agree."""
    ours = bench.step("sums").said
    with_pandas = bench.step("pandas")
    said = with_pandas.said
    if said["sums"] != ours["all"]:
        raise AssertionError(f"pandas gives {said['sums']}, daihou {ours['all']}")
    note = f"three columns; {said['read']:.1f} s of it reading; sums equal"
    bench.within("pandas, from Parquet", with_pandas, seconds=said["seconds"], cpu_s=said["cpu_s"], note=note)
    with_python = bench.step("python")
    said = with_python.said
    if said["sums"] != ours["sample"]:
        raise AssertionError(f"Python gives {said['sums']}, daihou {ours['sample']}")
    scale = loans / said["loans"]
    note = f"three columns; extrapolated from {said['loans']:,} loans held in dicts; sums equal"
    bench.within(
        "Python, loan by loan", with_python, seconds=said["seconds"] * scale, cpu_s=said["cpu_s"] * scale, note=note
    )


def ledger(bench: Bench) -> None:
    """Build the ledger from nothing."""
    ended = bench.step("ledger")
    note = f"{ended.said['bytes'] / MB:,.0f} MB of files"
    bench.within(
        "ledger built from nothing", ended, seconds=ended.said["seconds"], cpu_s=ended.said["cpu_s"], note=note
    )


def kernel(bench: Bench) -> None:
    """Measure all columns over the mapped ledger."""
    ended = bench.step("kernel")
    bench.within(
        "kernels over the mapped ledger, all columns",
        ended,
        seconds=ended.said["seconds"],
        cpu_s=ended.said["cpu_s"],
        times=0.7,
    )


def night(bench: Bench, home: Path) -> Ended:
    """Run one night as a whole process: by the command, or where that is not there yet by what it calls."""
    if "run" not in COMMANDS:
        return bench.step("run", home=home)
    last = str(_last_day())
    command = [str(_daihou()), "run", "--as-of", last, "--known-on", last]
    return measure.process(command, {"DAIHOU_HOME": str(home)}, fine=(0, 1))


def run(bench: Bench) -> None:
    """Run a night warm, and cold with the ledger to build."""
    shutil.rmtree(bench.home / "ledger", ignore_errors=True)
    cold = night(bench, bench.home)
    bench.within(
        "daihou run, cold: ledger built",
        cold,
        seconds=cold.cost.wall_s,
        cpu_s=cold.cost.cpu_s,
        times=25,
        note="whole process",
    )
    warm = min((night(bench, bench.home) for _ in range(TRIES)), key=lambda ended: ended.cost.wall_s)
    bench.within(
        "daihou run, warm", warm, seconds=warm.cost.wall_s, cpu_s=warm.cost.cpu_s, times=4, note="whole process"
    )


def history(bench: Bench, loans: int) -> None:
    """Measure 24 month-ends in one pass."""
    ended = bench.step("history")
    today, each = ended.said["today"], ended.said["each"]
    limit = 4 * loans / MILLION
    for name, found in (("known today", today), ("each known on its day", each)):
        met = found["seconds"] <= limit
        line = Line(
            f"24 month-ends, unwritten, {name}",
            found["seconds"],
            found["cpu_s"],
            *_peaks(ended),
            target=f"≤ {limit:g} s",
            met=met,
        )
        bench.add(line)
    ratio = each["seconds"] / today["seconds"]
    bench.add(
        Line(
            "knowing each day by itself",
            each["seconds"],
            each["cpu_s"],
            ratio=ratio,
            against="today",
            target="≤ 1.2x today",
            met=ratio <= 1.2,
        )
    )
    ended = bench.step("rows")
    note = f"{ended.said['rows']:,} rows"
    bench.add(
        Line("24 month-ends as Arrow rows", ended.said["seconds"], ended.said["cpu_s"], *_peaks(ended), note=note)
    )


def explain(bench: Bench) -> None:
    """Explain one loan with very many facts."""
    if find_spec("daihou.runs.explain") is None:
        return
    ended = bench.step("explain")
    seconds = ended.said["seconds"]
    line = Line(
        "explain a loan of 2,400 instalments, 5,000 payments", seconds, ended.said["cpu_s"], *_peaks(ended), target="< 100 ms",
        met=seconds < 0.1, note=f"first time in a process {ended.said['first'] * 1000:,.0f} ms",
    )  # fmt: skip
    bench.add(line)


def show_help(bench: Bench) -> None:
    """Ask the command for its help."""
    ended = min(
        (measure.process([str(_daihou()), "--help"]) for _ in range(2 * TRIES)), key=lambda tried: tried.cost.wall_s
    )
    seconds = ended.cost.wall_s
    bench.add(Line("daihou --help", seconds, ended.cost.cpu_s, *_peaks(ended), target="< 0.4 s", met=seconds < 0.4))


def compile_kernels(bench: Bench) -> None:
    """Compile the kernels with an empty cache, then take them from it."""
    cache = {"DAIHOU_KERNEL_CACHE": str(bench.folder / "kernels")}
    shutil.rmtree(bench.folder / "kernels", ignore_errors=True)
    for name, target in (("kernels compiled, empty cache", 60), ("kernels from the cache", None)):
        ended = bench.step("compile_kernels", environment=cache)
        seconds = ended.said["seconds"]
        met = None if target is None else seconds <= target
        note = f"after {ended.said['imported']:.1f} s of imports"
        bench.add(
            Line(
                name,
                seconds,
                ended.said["cpu_s"],
                *_peaks(ended),
                target=f"≤ {target} s" if target else "",
                met=met,
                note=note,
            )
        )


def intake(bench: Bench, gigabytes: float, seed: int) -> None:
    """Take in a CSV of payments."""
    home = bench.folder / "intake"
    shutil.rmtree(home, ignore_errors=True)
    made = bench.step("payments_file", f"{gigabytes}", f"{seed}", home=home).said
    command = [str(_daihou()), "intake", made["file"], "--table", "payments"]
    ended = measure.process(command, {"DAIHOU_HOME": str(home)})
    seconds = ended.cost.wall_s
    note = f"{made['rows']:,} rows, {made['bytes'] / GB:.2f} GB: {made['rows'] / seconds:,.0f} rows/s"
    met = ended.cost.peak_anonymous < 2 * GB
    bench.add(
        Line(
            "intake of a payments CSV",
            seconds,
            ended.cost.cpu_s,
            *_peaks(ended),
            target="< 2 GB anonymous",
            met=met,
            note=note,
        )
    )
    shutil.rmtree(home)


def ten(bench: Bench, seed: int) -> None:
    """Run a book ten times as large, against the warm run of the one before."""
    one = next(line for line in bench.lines if line.name == "daihou run, warm")
    home = bench.folder / "ten"
    if not (home / "lake").is_dir():
        bench.step("book", f"{10 * MILLION}", f"{seed}", home=home)
    cold = night(bench, home)
    anonymous = cold.cost.peak_anonymous
    bench.add(Line("10 M loans: daihou run, cold", cold.cost.wall_s, cold.cost.cpu_s, *_peaks(cold), cold.cost.wall_s / one.wall_s, "1 M warm",
                   "≤ 4 GB anonymous", anonymous <= 4 * GB, "ledger built"))  # fmt: skip
    warm = min((night(bench, home) for _ in range(2)), key=lambda ended: ended.cost.wall_s)
    ratio = warm.cost.wall_s / one.wall_s
    met = ratio <= 12 and warm.cost.peak_anonymous <= 4 * GB
    bench.add(Line("10 M loans: daihou run, warm", warm.cost.wall_s, warm.cost.cpu_s, *_peaks(warm), ratio, "1 M warm",
                   "≤ 12x 1 M, ≤ 4 GB anonymous", met))  # fmt: skip


def _daihou() -> Path:
    return Path(sys.executable).with_name("daihou")


def _last_day() -> str:
    from bench.books import BOOK_DATE

    return BOOK_DATE.isoformat()


def _seconds(seconds: float) -> str:
    return f"{seconds * 1000:.0f} ms" if seconds < 1 else f"{seconds:.2f} s"


def show(console: Console, lines: Sequence[Line], title: str) -> None:
    """Print all lines as a table."""
    table = Table(title=title, title_justify="left")
    for name in ("", "wall", "CPU", "anonymous", "mapped", "ratio", "target", "met", ""):
        table.add_column(name, justify="right" if name in ("wall", "CPU", "anonymous", "mapped", "ratio") else "left")
    for line in lines:
        memory = ["–" if value is None else f"{value:,.0f} MB" for value in (line.anonymous_mb, line.mapped_mb)]
        ratio = "" if line.ratio is None else f"{line.ratio:.2f}x {line.against}"
        met = {True: "yes", False: "NO", None: ""}[line.met]
        cpu = "–" if line.cpu_s is None else _seconds(line.cpu_s)
        table.add_row(line.name, _seconds(line.wall_s), cpu, *memory, ratio, line.target, met, line.note)
    console.print(table)


def surroundings(options: argparse.Namespace) -> dict[str, Any]:
    """Return what the figures depend on: size, machine, versions."""
    packages = ("daihou", "numba", "numpy", "pyarrow", "polars", "duckdb", "pandas")
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else None
    return {
        "loans": options.loans, "seed": options.seed, "cores": os.cpu_count(), "machine": platform.machine(), "system": platform.system(),
        "python": platform.python_version(), "load_before": load, **{name: metadata.version(name) for name in packages},
    }  # fmt: skip


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m bench.run", description="Measure daihou against its peers and the floor."
    )
    parser.add_argument("--loans", type=int, default=MILLION)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", nargs="+", choices=PARTS, default=PARTS, help="measure these parts only")
    parser.add_argument(
        "--folder",
        type=Path,
        help="keep book and ledger here, and use what is there (default: a folder removed at the end)",
    )
    parser.add_argument("--csv-gb", type=float, default=0.2, help="size of the payments file that is taken in")
    parser.add_argument(
        "--ten", action="store_true", help="also build and run 10 M loans (a quarter of an hour, 25 GB of disk)"
    )
    parser.add_argument("-o", "--output", type=Path, help="write the figures as JSON")
    return parser.parse_args()


def main() -> int:
    """Run the bench; 1 where a target is not met."""
    options = _arguments()
    console = Console(stderr=True)
    around = surroundings(options)
    folder = options.folder or Path(tempfile.mkdtemp(prefix="daihou-bench-"))
    try:
        bench = _measured(Bench(folder, console), options)
    finally:
        if options.folder is None:
            shutil.rmtree(folder, ignore_errors=True)
    show(
        Console(width=None if sys.stdout.isatty() else 200),
        bench.lines,
        f"{options.loans:,} loans, {facts.TERMS} instalments each",
    )
    if options.output is not None:
        figures = {**around, "lines": [asdict(line) for line in bench.lines]}
        options.output.write_text(json.dumps(figures, indent=1, ensure_ascii=False) + "\n", "utf-8")
    return int(any(line.met is False for line in bench.lines))


def _measured(bench: Bench, options: argparse.Namespace) -> Bench:
    only = set(options.only) | ({"run"} if options.ten else set())
    if only & NEED_BOOK and not (bench.home / "lake").is_dir():
        made = bench.step("book", f"{options.loans}", f"{options.seed}")
        bench.add(Line("book made", made.said["seconds"], made.said["cpu_s"], *_peaks(made)))
    if only & NEED_FLOOR:
        floor(bench)
    parts = {
        "ledger": lambda: ledger(bench),
        "kernel": lambda: kernel(bench),
        "run": lambda: run(bench),
        "peers": lambda: peers(bench, options.loans),
        "history": lambda: history(bench, options.loans),
        "explain": lambda: explain(bench),
        "help": lambda: show_help(bench),
        "compile": lambda: compile_kernels(bench),
        "intake": lambda: intake(bench, options.csv_gb, options.seed),
    }
    for name, part in parts.items():
        if name in only:
            part()
    if options.ten:
        ten(bench, options.seed)
    return bench


if __name__ == "__main__":
    sys.exit(main())
