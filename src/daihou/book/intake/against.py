"""Checking a staged delivery against itself and the lake: keys used twice, reversals, currencies, unknown loans."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from daihou.book import money
from daihou.book.intake.lookup import listed, quoted
from daihou.book.intake.rowrules import amounts, in_currency_of_loan

if TYPE_CHECKING:
    from collections.abc import Sequence

    from daihou.book.intake.lookup import Lookup

_USUAL_STEP: Final = 100
"""Ten-thousandths in the least amount of a currency with two decimals."""

_KEYS_COMPARED: Final = 1_000_000


def check(lookup: Lookup, *, fine: bool, by_event: bool) -> None:
    """Fill `rejected` and `unchanged`; `fine` says that amounts with more than two decimals are staged."""
    table = lookup.table
    if table.owner is not None:
        _owners(lookup, table.key[0], table.owner)
    if "reverses" in table.names:
        _reversals(lookup)
    if table.name == "loans":
        _currencies_changed(lookup)
    if in_currency_of_loan(table) and amounts(table):
        _decimals(lookup, fine=fine)
    if table.name == "instalments" and by_event:
        _later_versions(lookup)
    if table.kind != "plain":
        _duplicates(lookup)


def waiting(lookup: Lookup) -> int:
    """Return how many new rows wait for a loan, or for the row they reverse."""
    if "loan_id" not in lookup.table.names or lookup.table.name == "loans":
        return 0
    new = 'SELECT * FROM fresh WHERE "row" NOT IN (SELECT row FROM unchanged)'
    known = "loan_id IN (SELECT loan_id FROM loans)"
    if "reverses" in lookup.table.names:
        key = quoted(lookup.table.key[0])
        targets = f"SELECT {key} FROM fresh UNION ALL SELECT {key} FROM stored"
        known += f" AND (reverses IS NULL OR reverses IN ({targets}))" if _has_reversals(lookup) else ""
    return lookup.number(f"SELECT count(*) FROM ({new}) WHERE loan_id IS NOT NULL AND NOT ({known})")


def _has_reversals(lookup: Lookup) -> bool:
    return lookup.number("SELECT count(*) FROM (SELECT 1 FROM staged WHERE reverses IS NOT NULL LIMIT 1)") > 0


def _owners(lookup: Lookup, key: str, owner: str) -> None:
    """Reject an id used before for another loan (or account, or subject), in the file or in the lake."""
    k, o = quoted(key), quoted(owner)
    lookup.run(f"CREATE TEMP TABLE twice AS SELECT hash({k}) AS h FROM staged GROUP BY 1 HAVING count(*) > 1")
    lookup.reject(
        f"SELECT \"row\", '{owner}', 'other_owner' FROM ("
        f'SELECT "row", {o} AS o, first_value({o}) OVER (PARTITION BY {k} ORDER BY "row") AS first_o '
        f"FROM staged WHERE hash({k}) IN (SELECT h FROM twice)) WHERE o <> first_o"
    )
    if lookup.has_stored:
        lookup.reject(
            f"SELECT DISTINCT s.\"row\", '{owner}', 'other_owner' "
            f"FROM staged s JOIN stored l ON s.{k} = l.{k} WHERE s.{o} <> l.{o}"
        )


def _reversals(lookup: Lookup) -> None:
    """Reject reversals of reversals, and of rows of another loan."""
    if not _has_reversals(lookup):
        return
    key = quoted(lookup.table.key[0])
    lookup.run(
        f"CREATE TEMP TABLE targets AS SELECT * FROM (SELECT {key} AS id, loan_id, reverses FROM fresh "
        f"UNION ALL SELECT {key}, loan_id, reverses FROM stored) t "
        f"WHERE id IN (SELECT reverses FROM staged WHERE reverses IS NOT NULL)"
    )
    joined = "FROM fresh s JOIN targets t ON s.reverses = t.id"
    lookup.reject(f"SELECT DISTINCT s.\"row\", 'reverses', 'reverses_reversal' {joined} WHERE t.reverses IS NOT NULL")
    lookup.reject(f"SELECT DISTINCT s.\"row\", 'reverses', 'reverses_other_loan' {joined} WHERE t.loan_id <> s.loan_id")


def _currencies_changed(lookup: Lookup) -> None:
    """Reject versions of a loan in another currency than its earliest-known row, in the lake or else in the file."""
    mixed = "SELECT loan_id FROM fresh GROUP BY loan_id HAVING min(currency) <> max(currency)"
    stored = (
        "SELECT loan_id, any_value(currency) AS currency FROM stored "
        "WHERE loan_id IN (SELECT loan_id FROM staged) GROUP BY 1"
    )
    if lookup.has_stored:
        lookup.reject(
            f"SELECT s.\"row\", 'currency', 'currency_changed' FROM fresh s JOIN ({stored}) l USING (loan_id) "
            "WHERE s.currency <> l.currency"
        )
    lookup.reject(
        "SELECT \"row\", 'currency', 'currency_changed' FROM (SELECT \"row\", currency, "
        'first_value(currency) OVER (PARTITION BY loan_id ORDER BY known_on, "row") AS first_currency '
        f"FROM fresh WHERE loan_id IN ({mixed})) WHERE currency <> first_currency"
    )


def _decimals(lookup: Lookup, *, fine: bool) -> None:
    """Reject amounts with more decimals than their loan's currency has; skipped where every loan and amount has two."""
    used = [code for (code,) in lookup.run("SELECT DISTINCT currency FROM loans")] if lookup.has_loans else []
    steps = {code: 10 ** (money.SCALE - money.exponent(code)) for code in used}
    if not fine and set(steps.values()) <= {_USUAL_STEP}:
        return
    cases = " ".join(f"WHEN '{code}' THEN {step}" for code, step in steps.items())
    step = f"CASE any_value(currency) {cases} ELSE {_USUAL_STEP} END" if cases else str(_USUAL_STEP)
    lookup.run(
        f"CREATE TEMP TABLE steps AS SELECT loan_id, {step} AS step, min(since) AS since FROM loans "
        "WHERE loan_id IN (SELECT loan_id FROM staged) GROUP BY loan_id"
    )
    for name in amounts(lookup.table):
        units = f"(s.{quoted(name)}::DECIMAL(38, 4) * 10000)::HUGEINT"
        lookup.reject(
            f"SELECT s.\"row\", '{name}', "
            "CASE WHEN l.loan_id IS NULL THEN 'currency_unknown' ELSE 'too_many_decimals' END "
            f'FROM fresh s LEFT JOIN steps l ON s.loan_id = l.loan_id AND s."row" > l.since '
            f"WHERE {units} % coalesce(l.step, {_USUAL_STEP}) <> 0"
        )


def _later_versions(lookup: Lookup) -> None:
    """Reject instalments known already with other values, back-loaded without saying from when they hold."""
    values = ("due_on", "principal", "interest", "fee", "cancelled")
    lookup.run(
        "CREATE TEMP TABLE versions AS SELECT hash(loan_id, seq) AS h FROM staged GROUP BY 1 HAVING count(*) > 1"
    )
    facts = f"hash({listed(values)})"
    lookup.reject(
        "SELECT \"row\", 'effective_on', 'needs_effective_on' FROM (SELECT \"row\", effective_on, assumed, "
        f'{facts} AS fact, first_value({facts}) OVER (PARTITION BY loan_id, seq ORDER BY "row") AS first_fact '
        "FROM fresh WHERE hash(loan_id, seq) IN (SELECT h FROM versions)) "
        "WHERE effective_on IS NULL AND assumed AND fact <> first_fact"
    )
    if lookup.has_stored:
        same = " AND ".join(f"s.{quoted(name)} IS NOT DISTINCT FROM l.{quoted(name)}" for name in values)
        lookup.reject(
            f"SELECT s.\"row\", 'effective_on', 'needs_effective_on' FROM fresh s JOIN stored l USING (loan_id, seq) "
            f'WHERE s.effective_on IS NULL AND s.assumed GROUP BY s."row" HAVING NOT bool_or({same})'
        )


def _duplicates(lookup: Lookup) -> None:
    """Find rows with a key and known_on seen before, in the file or the lake.

    Events: the first stands, an equal one is unchanged, another is rejected. Versions: the later arrival counts,
    so that only a row equal to the one just before it is unchanged.
    """
    table = lookup.table
    group = [*table.key, "known_on"]
    key_hash, row_hash = f"hash({listed(group)})", f"hash({listed([*table.names, 'known_on', 'attributes'])})"
    lookup.run(f"CREATE TEMP TABLE again AS SELECT {key_hash} AS h FROM fresh GROUP BY 1 HAVING count(*) > 1")
    within = ""
    if lookup.has_stored:
        first, last = lookup.run("SELECT min(known_on), max(known_on) FROM staged")[0]
        within = f"known_on BETWEEN DATE '{first}' AND DATE '{last}'"
        lookup.run(
            f"INSERT INTO again SELECT DISTINCT {key_hash} FROM fresh "
            f"WHERE {key_hash} IN (SELECT {key_hash} FROM stored WHERE {within}) "
            f"AND {key_hash} NOT IN (SELECT h FROM again)"
        )
    if not lookup.number("SELECT count(*) FROM again"):
        return
    _alike(lookup, key_hash, row_hash, within)
    mixed = lookup.number("SELECT count(*) FROM groups WHERE NOT alike")
    # Exact comparison holds whole rows: keys are taken in parts, so that memory stays bounded whatever was sent.
    parts = -(-mixed // _KEYS_COMPARED)
    for part in range(parts):
        chosen = f"{key_hash} IN (SELECT h FROM groups WHERE NOT alike AND h % {parts} = {part})"
        _compare(lookup, group, chosen, within)


def _alike(lookup: Lookup, key_hash: str, row_hash: str, within: str) -> None:
    """Make `groups` of rows with one key and known_on, and take as unchanged the rows of groups that all say the same.

    Rows of one key are alike when their 64-bit hashes are; whole rows need not be held for the usual case, a file sent
    again with a few rows changed.
    """
    rows = (
        f'SELECT {key_hash} AS h, {row_hash} AS d, "row" AS ours FROM fresh WHERE {key_hash} IN (SELECT h FROM again)'
    )
    if within:
        stored = f"FROM stored WHERE {within} AND {key_hash} IN (SELECT h FROM again)"
        rows += f" UNION ALL SELECT {key_hash}, {row_hash}, NULL {stored}"
    lookup.run(
        "CREATE TEMP TABLE groups AS SELECT h, min(d) = max(d) AS alike, "
        f"CASE WHEN count(ours) = count(*) THEN min(ours) END AS first_row FROM ({rows}) GROUP BY h"
    )
    lookup.run(
        f'INSERT INTO unchanged SELECT s."row" FROM fresh s JOIN groups g ON {key_hash} = g.h '
        'WHERE g.alike AND s."row" IS DISTINCT FROM g.first_row'
    )


def _compare(lookup: Lookup, group: Sequence[str], chosen: str, within: str) -> None:
    """Compare each chosen row with the one it has to be compared with, whole.

    An empty effective_on may come to the same day as a stated one, so that a version of the other sort which arrived
    in between counts before an earlier equal row.
    """
    table = lookup.table
    versioned = table.kind == "versioned"
    alike_by = [*group, "effective_on"] if versioned else list(group)
    columns = listed([*table.names, "known_on", "attributes", "batch", "row"])
    rows = f"SELECT {columns} FROM fresh WHERE {chosen}"
    if within:
        rows += f" UNION ALL SELECT {columns} FROM stored WHERE {within} AND {chosen}"
    fact = f"row({listed([*(name for name in table.names if name not in alike_by), 'attributes'])})"
    alike = f"PARTITION BY {listed(alike_by)} ORDER BY n"
    before, stands = f"first_value({fact}) OVER ({alike})", "true"
    if versioned:
        earlier = f"PARTITION BY {listed(group)} ORDER BY n ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING"
        other = (
            f"CASE WHEN effective_on IS NULL THEN max(n) FILTER (effective_on IS NOT NULL) OVER ({earlier}) "
            f"ELSE max(n) FILTER (effective_on IS NULL) OVER ({earlier}) END"
        )
        before, stands = f"lag({fact}) OVER ({alike})", f"coalesce({other}, 0) < lag(n) OVER ({alike})"
    lookup.run(
        f'CREATE OR REPLACE TEMP TABLE compared AS SELECT "row", batch, {fact} AS fact, {before} AS before, '
        f"{stands} AS stands, row_number() OVER ({alike}) AS place "
        f'FROM (SELECT *, row_number() OVER (PARTITION BY {listed(group)} ORDER BY batch, "row") AS n FROM ({rows}))'
    )
    ours = f"FROM compared WHERE batch = {lookup.batch} AND place > 1"
    lookup.run(f'INSERT INTO unchanged SELECT "row" {ours} AND fact IS NOT DISTINCT FROM before AND stands')
    if not versioned:
        lookup.reject(f"SELECT \"row\", '{table.key[0]}', 'duplicate_key' {ours} AND fact IS DISTINCT FROM before")
