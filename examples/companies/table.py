# ruff: noqa: INP001 - a script, no package
"""The Polish companies (UCI 365, 5year.arff) as a table: a row a company, its 64 ratios as given, `bad` where it was bankrupt a year later.

    python examples/companies/table.py 5year.arff -o companies.csv

The file names no company, so a row's number is its id. A row that repeats another to the last digit has that one's number as its `group`: both stand on
the same side of any split.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import polars as pl

RATIOS = 64


def rows(file: Path) -> pl.DataFrame:
    """Return the companies: id, group, bad and a1 to a64; what the file marks as not known is null."""
    lines = (line.strip() for line in file.read_text("utf-8").splitlines())
    told = [line.split(",") for line in lines if line and line[0] not in "@%"]
    names = [f"a{number}" for number in range(1, RATIOS + 1)]
    found = pl.DataFrame(told, [*names, "bad"], orient="row")
    found = found.with_columns(pl.col(name).replace("?", None).cast(pl.Float64) for name in names)
    return found.with_row_index("id", 1).select("id", pl.col("id").first().over(names).alias("group"), "bad", *names)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("file", type=Path)
    parser.add_argument("-o", "--output", type=Path, default=Path("companies.csv"))
    given = parser.parse_args()
    found = rows(given.file)
    found.write_csv(given.output)
    missing = sum(found[name].null_count() for name in found.columns)
    print(
        f"{given.output}: {len(found):,} companies, {(found['bad'] == '1').sum():,} bankrupt, {missing:,} cells not known, "
        f"{len(found) - found['group'].n_unique():,} rows that repeat another"
    )
