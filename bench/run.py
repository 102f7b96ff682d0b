"""The bench: `python -m bench.run --loans 1000000` makes a book, measures daihou and its peers on it, prints one table.

Every line is measured in the same run, each in a process of its own. The floor is the best time in which any of three
readers merely reads the needed Parquet columns; ratios are to it. All answers must have the same sums, or the bench
fails. Times are judged for a million loans: with fewer, fixed costs decide.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import sys
import tempfile
from dataclasses import asdict, replace
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from rich.console import Console

from bench import facts, measure
from bench.books import BOOK_DATE
from bench.lines import Line, line, table
from bench.steps import MONTH_ENDS
from daihou.book.days import add_months
from daihou.cli.main import COMMANDS
from daihou.monitoring.jit import source_hash

if TYPE_CHECKING:
    from collections.abc import Callable

    from bench.measure import Ended

NEED_BOOK: Final = {"peers", "ledger", "kernel", "run", "history", "written", "cubes", "explain"}
NEED_FLOOR: Final = {"peers", "ledger", "kernel", "run"}
MILLION: Final = 1_000_000
FEW: Final = 100
TRIES: Final = 3
GB: Final = 1e9
WIDTH: Final = 200

# Targets: of the floor, or in seconds, for a million loans on two cores.
KERNEL, WARM, COLD = 0.7, 6, 25
MONTH_ENDS_S, EACH_TO_TODAY = 4, 1.2
WRITTEN_TO_ONE, CUBE_S = 16, 0.05
SIMULATED_S = 30
EXPLAIN_S, HELP_S, COMPILE_S = 0.1, 0.4, 60
INTAKE_GB = 2
TEN_TO_ONE, TEN_GB = 12, 4


class Bench:
    """A bench under way: its options, where its book lies, and the lines measured so far."""

    def __init__(self, folder: Path, options: argparse.Namespace, console: Console) -> None:
        self.folder = folder.resolve()
        self.loans: int = options.loans
        self.seed: int = options.seed
        self.gigabytes: float = options.csv_gb
        self.home = self.home_of(self.loans)
        self.lines: list[Line] = []
        self.floor_s: float | None = None
        self._console = console

    def home_of(self, loans: int) -> Path:
        """Return the home of a book of that many loans."""
        return self.folder / f"home-{loans}-{self.seed}"

    def step(
        self, name: str, *options: object, home: Path | None = None, environment: dict[str, str] | None = None
    ) -> Ended:
        """Run one step of `bench.steps` in a process of its own."""
        given = [str(option) for option in (home or self.home, *options)]
        with self._console.status(f"{name} …"):
            return measure.python("-m", "bench.steps", name, *given, environment=environment)

    def small(self) -> Path:
        """Return the home of a few loans, with its ledger: enough to have the kernels compiled."""
        home = self.home_of(FEW)
        if not (home / "lake" / "deliveries").is_dir():
            self.step("book", FEW, self.seed, home=home)
        self.step("compile_kernels", home=home)
        return home

    def command(self, *words: str, home: Path | None = None) -> Ended:
        """Run the `daihou` command in a home."""
        daihou = Path(sys.executable).with_name("daihou")
        with self._console.status(f"daihou {words[0]} …"):
            return measure.process([str(daihou), *words], {"DAIHOU_HOME": str(home or self.home)}, fine=(0, 1))

    def add(self, measured: Line) -> None:
        """Keep a line and say it at once."""
        self.lines.append(measured)
        verdict = {True: "met", False: "NOT met", None: ""}[measured.met]
        self._console.print(f"{measured.name}: {measured.measured} {verdict} {measured.note}", highlight=False)

    def add_to_floor(self, measured: Line, times: float | None = None) -> None:
        """Keep a line with its ratio to the floor, judged where `times` is given."""
        if self.floor_s is None:
            self.add(measured)
            return
        ratio = measured.wall_s / self.floor_s
        measured = replace(measured, ratio=ratio, against="floor")
        if times is not None:
            measured = replace(measured, target=f"≤ {times:g}x floor", met=self.judged(ratio <= times))
        self.add(measured)

    def judged(self, met: bool) -> bool | None:  # noqa: FBT001 - a verdict passed on
        """Return the verdict on a time, None where the book is too small for one."""
        return met if self.loans >= MILLION else None


def floor(bench: Bench) -> None:
    """Merely read the needed columns."""
    ended = bench.step("floor")
    bench.floor_s = ended.said["seconds"]
    readers = ", ".join(f"{name} {seconds:.2f}" for name, seconds in ended.said["readers"].items())
    bench.add(replace(line("floor: read the needed Parquet columns", ended), cpu_s=None, note=f"best of {readers} s"))


def peers(bench: Bench) -> None:
    """Let pandas and plain Python answer, and check that all answers agree."""
    ours = bench.step("sums").said
    ended = bench.step("pandas")
    _same("pandas", ended.said["sums"], ours["all"])
    note = f"three columns; {ended.said['read']:.1f} s of it reading; sums equal"
    bench.add_to_floor(line("pandas, from Parquet", ended, note=note))
    ended = bench.step("python")
    _same("Python", ended.said["sums"], ours["sample"])
    sampled = line("Python, loan by loan", ended)
    scale = bench.loans / ended.said["loans"]
    note = f"three columns; extrapolated from {ended.said['loans']:,} loans held in dicts; sums equal"
    bench.add_to_floor(replace(sampled, wall_s=sampled.wall_s * scale, cpu_s=(sampled.cpu_s or 0) * scale, note=note))


def _same(peer: str, theirs: dict[str, int], ours: dict[str, int]) -> None:
    if theirs != ours:
        raise AssertionError(f"{peer} gives {theirs}, daihou {ours}")


def ledger(bench: Bench) -> None:
    """Build the ledger from nothing."""
    ended = bench.step("ledger")
    bench.add_to_floor(line("ledger built from nothing", ended, note=f"{ended.said['bytes'] / 1e6:,.0f} MB of files"))


def kernel(bench: Bench) -> None:
    """Measure all columns over the mapped ledger."""
    bench.add_to_floor(line("kernels over the mapped ledger, all columns", bench.step("kernel")), KERNEL)


def night(bench: Bench, home: Path) -> Ended:
    """Run one night as a whole process: by the command, or while there is none by what it will call."""
    if "run" not in COMMANDS:
        return bench.step("run", home=home)
    return bench.command("run", "--as-of", f"{BOOK_DATE}", "--known-on", f"{BOOK_DATE}", home=home)


def run(bench: Bench) -> None:
    """Run a night cold, with the ledger to build, and warm."""
    shutil.rmtree(bench.home / "ledger", ignore_errors=True)
    cold = night(bench, bench.home)
    bench.add_to_floor(line("daihou run, cold: ledger built", cold, whole=True, note="whole process"), COLD)
    warm = min((night(bench, bench.home) for _ in range(TRIES)), key=lambda ended: ended.cost.wall_s)
    bench.add_to_floor(line("daihou run, warm", warm, whole=True, note=f"whole process, best of {TRIES}"), WARM)


def history(bench: Bench) -> None:
    """Measure 24 month-ends in one pass."""
    ended = bench.step("history")
    found = {name: ended.said[name] for name in ("today", "each")}
    for name, title in (("today", "known today"), ("each", "each known on its day")):
        met = bench.judged(found[name]["seconds"] <= MONTH_ENDS_S * bench.loans / MILLION)
        said = line(f"24 month-ends, unwritten, {title}", ended, target=f"≤ {MONTH_ENDS_S} s per 1 M", met=met)
        said = replace(said, wall_s=found[name]["seconds"], cpu_s=found[name]["cpu_s"])
        if name == "each":
            ratio = found["each"]["seconds"] / found["today"]["seconds"]
            target = f"{said.target}, ≤ {EACH_TO_TODAY}x today"
            met = None if met is None else met and ratio <= EACH_TO_TODAY
            said = replace(said, ratio=ratio, against="today", target=target, met=met)
        bench.add(said)
    ended = bench.step("rows")
    bench.add(line("24 month-ends as Arrow rows", ended, note=f"{ended.said['rows']:,} rows"))


def written(bench: Bench) -> None:
    """Measure 24 month-ends and write them, against one date."""
    one = min((night(bench, bench.home) for _ in range(TRIES)), key=lambda ended: ended.cost.wall_s)
    many = span(bench, bench.home)
    ratio = many.cost.wall_s / one.cost.wall_s
    found = line("24 month-ends, written", many, whole=True, note="whole process, all families, cubes and roll-ups")
    met = bench.judged(ratio <= WRITTEN_TO_ONE)
    bench.add(replace(found, ratio=ratio, against="one date", target=f"≤ {WRITTEN_TO_ONE}x one date", met=met))


def span(bench: Bench, home: Path) -> Ended:
    """Run the last 24 month-ends as a whole process."""
    first = add_months(BOOK_DATE, 1 - MONTH_ENDS).replace(day=1)
    return bench.command("history", "--from", f"{first}", "--to", f"{BOOK_DATE}", home=home)


def cubes(bench: Bench) -> None:
    """Ask the cubes of 24 month-ends, written before."""
    ended = bench.step("cubes")
    bench.add(line("cubes of 24 dates opened", ended))
    for name, seconds in ended.said["queries"].items():
        asked = replace(line(f"cubes: {name}", ended), wall_s=seconds, cpu_s=None, target=f"≤ {CUBE_S * 1000:g} ms")
        bench.add(replace(asked, met=bench.judged(seconds <= CUBE_S), note="median of 15"))


def simulated(bench: Bench) -> None:
    """Simulate a book of as many loans over 24 months."""
    folder = bench.folder / "simulated"
    shutil.rmtree(folder, ignore_errors=True)
    bench.command("simulate", "--loans", "100", "-o", f"{folder}")  # compiled
    shutil.rmtree(folder)
    ended = bench.command("simulate", "--loans", f"{bench.loans}", "-o", f"{folder}")
    met = bench.judged(ended.cost.wall_s <= SIMULATED_S * bench.loans / MILLION)
    bench.add(line("book of the bank simulated", ended, whole=True, target=f"≤ {SIMULATED_S} s per 1 M", met=met))
    shutil.rmtree(folder)


def explain(bench: Bench) -> None:
    """Explain one loan with very many facts."""
    if find_spec("daihou.runs.explain") is None:
        return
    ended = bench.step("explain")
    met = ended.said["seconds"] < EXPLAIN_S
    first, opened = (ended.said[name] * 1000 for name in ("first", "opened"))
    note = f"first in a process {first:,.0f} ms; {opened:,.0f} ms with the ledger open"
    title = "explain a loan of 2,400 instalments, 5,000 payments"
    bench.add(line(title, ended, target=f"< {EXPLAIN_S * 1000:g} ms", met=met, note=note))


def show_help(bench: Bench) -> None:
    """Ask the command for its help."""
    ended = min((bench.command("--help") for _ in range(2 * TRIES)), key=lambda tried: tried.cost.wall_s)
    met = ended.cost.wall_s < HELP_S
    bench.add(line("daihou --help", ended, whole=True, target=f"< {HELP_S} s", met=met, note="whole process"))


def compile_kernels(bench: Bench) -> None:
    """Compile the kernels with an empty cache, then take them from it."""
    cache = bench.folder / "kernels"
    shutil.rmtree(cache, ignore_errors=True)
    small = bench.small()
    for title in ("kernels compiled, empty cache", "kernels from the cache"):
        ended = bench.step("compile_kernels", home=small, environment={"DAIHOU_KERNEL_CACHE": str(cache)})
        found = line(title, ended, note=f"after {ended.said['imported']:.1f} s of imports")
        if ended.said["compiled"]:
            found = replace(found, target=f"≤ {COMPILE_S} s", met=found.wall_s <= COMPILE_S)
        bench.add(found)


def intake(bench: Bench) -> None:
    """Take in a CSV of payments."""
    home = bench.folder / "intake"
    shutil.rmtree(home, ignore_errors=True)
    made = bench.step("payments_file", bench.gigabytes, bench.seed, home=home).said
    ended = bench.command("intake", made["file"], "--table", "payments", home=home)
    rate = made["rows"] / ended.cost.wall_s
    note = f"{made['rows']:,} rows, {made['bytes'] / GB:.2f} GB: {rate:,.0f} rows/s; whole process"
    met = ended.cost.peak_anonymous < INTAKE_GB * GB
    title = "intake of a payments CSV"
    bench.add(line(title, ended, whole=True, target=f"< {INTAKE_GB} GB anonymous", met=met, note=note))
    shutil.rmtree(home)


def ten(bench: Bench) -> None:
    """Run a book of 10 M loans, against the warm run of 1 M."""
    one = next(measured for measured in bench.lines if measured.name == "daihou run, warm")
    home = bench.home_of(10 * MILLION)
    make(bench, home, 10 * MILLION)
    shutil.rmtree(home / "ledger", ignore_errors=True)
    cold = night(bench, home)
    warm = min((night(bench, home) for _ in range(2)), key=lambda ended: ended.cost.wall_s)
    for title, ended, times in (("cold: ledger built", cold, None), ("warm", warm, TEN_TO_ONE)):
        found = line(f"10 M loans: daihou run, {title}", ended, whole=True, target=f"≤ {TEN_GB} GB anonymous")
        ratio, met = found.wall_s / one.wall_s, ended.cost.peak_anonymous <= TEN_GB * GB
        if times is not None:
            found = replace(found, target=f"≤ {times}x 1 M, {found.target}")
            met = met and ratio <= times
        bench.add(replace(found, ratio=ratio, against="1 M warm", met=bench.judged(met)))


def make(bench: Bench, home: Path, loans: int) -> None:
    """Make a book, unless it is there from an earlier bench."""
    if (home / "lake" / "deliveries").is_dir():
        return
    shutil.rmtree(home, ignore_errors=True)
    bench.add(line(f"book of {loans:,} loans made", bench.step("book", loans, bench.seed, home=home)))


PARTS: Final[dict[str, Callable[[Bench], None]]] = {
    "ledger": ledger,
    "kernel": kernel,
    "run": run,
    "peers": peers,
    "history": history,
    "written": written,
    "cubes": cubes,
    "simulated": simulated,
    "explain": explain,
    "help": show_help,
    "compile": compile_kernels,
    "intake": intake,
}


def surroundings(options: argparse.Namespace) -> dict[str, Any]:
    """Return what the figures depend on: size, machine, versions."""
    packages = ("daihou", "numba", "numpy", "pyarrow", "polars", "duckdb", "pandas")
    return {
        "loans": options.loans,
        "seed": options.seed,
        "csv_gb": options.csv_gb,
        "cores": os.cpu_count(),
        "load_before": round(os.getloadavg()[0], 2) if hasattr(os, "getloadavg") else None,
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        **{name: metadata.version(name) for name in packages},
    }


def _arguments() -> argparse.Namespace:
    text = "Measure daihou against its peers and the floor."
    parser = argparse.ArgumentParser(prog="python -m bench.run", description=text)
    parser.add_argument("--loans", type=int, default=MILLION)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", nargs="+", choices=PARTS, default=list(PARTS), help="measure these parts only")
    parser.add_argument("--folder", type=Path, help="keep books here and use those that are (else removed at the end)")
    parser.add_argument("--csv-gb", type=float, default=0.2, help="size of the payments file that is taken in")
    parser.add_argument("--ten", action="store_true", help="run 10 M loans too")
    parser.add_argument("-o", "--output", type=Path, help="write the figures as JSON")
    return parser.parse_args()


def main() -> int:
    """Run the bench; 1 where a target is not met."""
    options = _arguments()
    around = surroundings(options)
    folder = options.folder or Path(tempfile.mkdtemp(prefix="daihou-bench-"))
    bench = Bench(folder, options, Console(stderr=True))
    kernels = source_hash()
    try:
        bench.small()  # whoever measures next finds the kernels compiled
        only = set(options.only) | ({"run"} if options.ten else set())
        if only & NEED_BOOK:
            make(bench, bench.home, bench.loans)
        if only & NEED_FLOOR:
            floor(bench)
        for name, part in PARTS.items():
            if name in only:
                part(bench)
        if options.ten:
            ten(bench)
    finally:
        if options.folder is None:
            shutil.rmtree(folder, ignore_errors=True)
    shown = table(bench.lines, f"{bench.loans:,} loans of {facts.TERMS} instalments, {around['cores']} cores")
    Console(width=None if sys.stdout.isatty() else WIDTH).print(shown)
    edited = source_hash() != kernels
    if edited:
        print("The kernels were edited while they were measured: some figures hold their compilation.", file=sys.stderr)
    if options.output is not None:
        figures = {**around, "edited_meanwhile": edited, "lines": [asdict(measured) for measured in bench.lines]}
        options.output.write_text(json.dumps(figures, indent=1, ensure_ascii=False) + "\n", "utf-8")
    return int(edited or any(measured.met is False for measured in bench.lines))


if __name__ == "__main__":
    sys.exit(main())
