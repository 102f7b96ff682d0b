"""The walk over proposals: for each the first rule that refuses it, in order of policies and of rules within."""

from __future__ import annotations

from daihou.collection.conduct.batch_clock import in_zone
from daihou.collection.conduct.batch_jit import kernel, part
from daihou.collection.conduct.batch_limits import count, gap, hours
from daihou.collection.conduct.batch_people import agreed, answer, block, content, out_of_reach
from daihou.collection.conduct.batch_shapes import (
    AGENCY,
    BLOCK,
    CONSENT,
    CONTENT,
    COUNT,
    GAP,
    HOURS,
    LENDER,
    NONE,
    OUT_OF_REACH,
    Circumstances,
    Clocks,
    Column,
    Moment,
    Pasts,
    Proposals,
    Rules,
    Versions,
)


@kernel
def judge(rules: Rules, versions: Versions, clocks: Clocks, asked: Proposals, pasts: Pasts, held: Circumstances, room: Column, refused_by: Column) -> None:  # fmt: skip
    """Write into `refused_by` the name of the first rule that refuses each proposal, NONE where all allow it.

    Where zones have other versions in force, the rule that stands first in its version is named, of the first such zone.
    """
    for row in range(len(refused_by)):
        refused_by[row] = NONE
        by = LENDER if asked.agency[row] == NONE else AGENCY
        first, last = clocks.sets_from[asked.zones[row]], clocks.sets_from[asked.zones[row] + 1]
        for policy in range(len(versions.first) - 1):
            before = -1
            for each in range(first, last):
                now = in_zone(clocks, clocks.sets[each], asked.at[row])
                version = _in_force(versions, policy, now.day)
                if version == NONE or not versions.by[version] & by:
                    continue
                start, end = versions.rules[version], versions.rules[version + 1]
                if before >= 0:
                    end = min(end, start + before)
                for rule in range(start, end):
                    if _binds(rules, rule, asked, row, by) and _refuses(rules, rule, asked, row, pasts, held, clocks, now, room):  # fmt: skip
                        before, refused_by[row] = rule - start, rules.name[rule]
                        break
            if before >= 0:
                break


@part
def _in_force(versions: Versions, policy: int, day: int) -> int:
    found = NONE
    for version in range(versions.first[policy], versions.first[policy + 1]):
        if versions.from_day[version] > day:
            break
        found = version
    return found


@part
def _binds(rules: Rules, rule: int, asked: Proposals, row: int, by: int) -> bool:
    return bool(
        (rules.channels[rule] >> asked.channel[row]) & 1
        and (rules.purposes[rule] >> asked.purpose[row]) & 1
        and (rules.parties[rule] >> asked.party[row]) & 1
        and rules.by[rule] & by
    )


@part
def _refuses(rules: Rules, rule: int, asked: Proposals, row: int, pasts: Pasts, held: Circumstances, clocks: Clocks, now: Moment, room: Column) -> bool:  # fmt: skip
    kind = rules.kind[rule]
    if kind == HOURS:
        return hours(rules, rule, asked, row, pasts, held, clocks, now)
    if kind == COUNT:
        return count(rules, rule, asked, row, pasts, held, clocks, now, room)
    if kind == GAP:
        return gap(rules, rule, asked, row, pasts, held, clocks, now)
    if kind == BLOCK:
        return block(rules, rule, asked, row, held, clocks, now)
    if kind == CONTENT:
        return content(rules, rule, asked, row)
    if kind == OUT_OF_REACH:
        return out_of_reach(rules, rule, asked, row, pasts, held, clocks, now)
    if kind == CONSENT:
        return not agreed(held, asked.group[row], rules.consent[rule], 0, asked, row, clocks, now)
    return answer(rules, rule, asked, row, pasts, clocks, now)
