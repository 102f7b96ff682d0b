"""The phone's side, written from the docstring of `conditions` alone: which questions of a client's JSON are shown. Imports nothing of `daihou`."""

from __future__ import annotations

from typing import Any


def walk(client: dict[str, Any], answers: dict[str, Any], previous: dict[str, Any], minor: int) -> list[str]:
    """The ids shown, for answers of the right kinds."""
    filled: dict[str, Any] = {}
    seen = []
    for section in client["sections"]:
        for question in section["questions"]:
            if "when" in question and worth(question["when"], filled, minor) is not True:
                continue
            name = question["id"]
            seen.append(name)
            answer = answers.get(name)
            if answer in (None, "", []) or question["kind"] in ("note", "place", "photos", "files"):
                continue
            if question["kind"] == "choices":
                for choice in question["choices"]:
                    filled[f"{name}.{choice['code']}"] = choice["code"] in answer
                continue
            filled[name] = answer
            last = previous.get(name)
            if question.get("compare") == "last" and last is not None and last > 0:
                filled[f"{name}_change"] = (float(answer) - float(last)) / float(last)
    return seen


def worth(node: dict[str, Any], filled: dict[str, Any], minor: int) -> Any:
    """What a node of the grammar comes to; None is null."""
    if "answer" in node:
        return number(filled.get(node["answer"]))
    if "value" in node:
        return number(node["value"])
    if "amount" in node:
        return float((float(node["amount"]) * minor + 0.5) // 1)
    sign, of = node["op"], [worth(part, filled, minor) for part in node["of"]]
    if sign == "and":
        return False if False in [x for x in of if x is not None] else None if None in of else True
    if sign == "or":
        return True if True in [x for x in of if x is not None] else None if None in of else False
    if sign == "unknown":
        return of[0] is None
    if sign == "in":
        return None if of[0] is None else of[0] in of[1:]
    if None in of:
        return None
    if sign == "not":
        return not of[0]
    if sign == "-":
        return -of[0]
    if sign in ("+", "*"):
        total = of[0]
        for part in of[1:]:
            total = total + part if sign == "+" else total * part
        return total
    one, other = of
    return {"=": one == other, "!=": one != other}[sign] if sign in ("=", "!=") else ordered(sign, one, other)


def ordered(sign: str, one: Any, other: Any) -> bool:
    """Whether one stands to the other as the sign says."""
    less, same = one < other, one == other
    return bool({"<": less, "<=": less or same, ">": not less and not same, ">=": not less}[sign])


def number(value: Any) -> Any:
    """Numbers as floats, all else as it is."""
    return float(value) if type(value) is int else value
