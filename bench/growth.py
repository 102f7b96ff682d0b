"""How cost grows with the book: `python -m bench.growth -o FOLDER` makes books of 100 k, 1 M and 10 M loans and draws what it measures.

Each command is a whole process. The exponent between two sizes is log(time ratio) / log(size ratio): 1 is as the book grows, below 1
fixed costs are still being spread, above 1 something grows faster than the book.
"""

from __future__ import annotations

import argparse
import json
import math
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from matplotlib.figure import Figure
from matplotlib.ticker import NullLocator
from rich.console import Console

from bench.run import Bench, make, night, span

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from bench.measure import Ended

SIZES: Final = (100_000, 1_000_000, 10_000_000)
TRIES: Final = 2
TITLES: Final = {
    "run": "daihou run, warm: all families, cubes, roll-ups",
    "history": "daihou history: 24 month-ends written",
    "cold": "daihou run, ledger built from nothing",
    "simulate": "daihou simulate: 24 months of a bank",
}


def measure(bench: Bench, loans: int, names: Sequence[str]) -> dict[str, dict[str, float]]:
    """Return seconds and gigabytes of some commands on a book of that many loans."""
    home = bench.home_of(loans)
    if set(names) - {"simulate"}:
        make(bench, home, loans)
    if "cold" in names:
        shutil.rmtree(home / "ledger", ignore_errors=True)
    folder = bench.folder / "simulated"
    steps: dict[str, Callable[[], Ended]] = {
        "simulate": lambda: bench.command("simulate", "--loans", f"{loans}", "-o", f"{folder}"),
        "cold": lambda: night(bench, home),
        "run": lambda: min((night(bench, home) for _ in range(TRIES)), key=lambda ended: ended.cost.wall_s),
        "history": lambda: span(bench, home),
    }
    found = {}
    for name, step in steps.items():
        if name not in names:
            continue
        ended = step()
        shutil.rmtree(folder, ignore_errors=True)
        found[name] = {
            "s": ended.cost.wall_s,
            "cpu_s": ended.cost.cpu_s,
            "anonymous_gb": ended.cost.peak_anonymous / 1e9,
        }
        print(f"{loans:,} {name}: {found[name]}", flush=True)
    return found


def exponents(sizes: Sequence[int], seconds: Sequence[float]) -> list[float]:
    """Return the growth exponent of each step from size to size."""
    return [
        math.log(seconds[place + 1] / seconds[place]) / math.log(sizes[place + 1] / sizes[place])
        for place in range(len(sizes) - 1)
    ]


def draw(figures: dict[int, dict[str, dict[str, float]]], path: Path) -> None:
    """Draw seconds over loans, both by powers of ten, and memory beside them."""
    sizes = sorted(figures)
    drawn = Figure(figsize=(10, 4.2), layout="constrained")
    for axes, what, title in zip(
        drawn.subplots(1, 2), ("s", "anonymous_gb"), ("Seconds", "Peak of own memory, GB"), strict=True
    ):
        for (name, said), colour in zip(TITLES.items(), ("#C0604A", "#7A1F3D", "#D9A066", "#66707A"), strict=True):
            axes.plot(sizes, [figures[size][name][what] for size in sizes], marker="o", label=said, color=colour)
        axes.set_xscale("log")
        axes.set_yscale("log")
        axes.set_xticks(sizes, [f"{size:,}" for size in sizes])
        axes.yaxis.set_major_formatter(lambda value, _place: f"{value:g}")
        axes.yaxis.set_minor_formatter(lambda value, _place: f"{value:g}" if f"{value:e}"[0] in "25" else "")
        axes.xaxis.set_minor_locator(NullLocator())
        axes.set_title(title, loc="left")
        axes.set_xlabel("loans")
        axes.grid(color="#E3E7EB")
        axes.spines[:].set_visible(False)
    drawn.legend(*drawn.axes[0].get_legend_handles_labels(), loc="outside lower center", ncols=2, frameon=False)
    drawn.savefig(path, dpi=110)


def main() -> None:
    """Measure every size, print the exponents, draw."""
    parser = argparse.ArgumentParser(prog="python -m bench.growth", description="Growth of cost with the book.")
    parser.add_argument("--sizes", type=int, nargs="+", default=list(SIZES))
    parser.add_argument(
        "--steps", nargs="+", choices=TITLES, default=list(TITLES), help="the others keep their figures"
    )
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--csv-gb", type=float, default=0.2, help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, required=True, help="keep books here and use those that are")
    parser.add_argument("-o", "--output", type=Path, default=Path("docs"), help="folder for growth.json and growth.png")
    options = parser.parse_args()
    path = options.output / "growth.json"
    held = json.loads(path.read_text("utf-8")) if path.is_file() else {}
    figures: dict[int, dict[str, dict[str, float]]] = {int(size): found for size, found in held.items()}
    for loans in options.sizes:
        options.loans = loans
        bench = Bench(options.folder, options, Console(stderr=True))
        bench.small()
        bench.command("simulate", "--loans", "100", "-o", f"{options.folder / 'compiled'}")
        shutil.rmtree(options.folder / "compiled")
        figures[loans] = figures.get(loans, {}) | measure(bench, loans, options.steps)
        said: dict[str, Any] = {f"{size}": figures[size] for size in figures}
        path.write_text(json.dumps(said, indent=1) + "\n", "utf-8")
    sizes = sorted(figures)
    for name, title in TITLES.items():
        seconds = [figures[size][name]["s"] for size in sizes]
        told = ", ".join(f"{exponent:.2f}" for exponent in exponents(sizes, seconds))
        print(f"{title}: {', '.join(f'{one:.1f} s' for one in seconds)}; exponents {told}")
    if len(figures) > 1:
        draw(figures, options.output / "growth.png")


if __name__ == "__main__":
    main()
