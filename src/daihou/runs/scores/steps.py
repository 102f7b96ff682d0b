"""The steps of a version: validated, approved by somebody else than its author, returned, retired."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from daihou.book.errors import DaihouError
from daihou.runs.scores.register import Entry, locked, must_be_named, note, register

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping

    from daihou.book.home import Home
    from daihou.runs.scores.register import Origin, Role, Version

ROLES: Final = ("champion", "shadow")


def approve(
    home: Home, model_id: str, number: int | None, role: Role, from_on: dt.date, person: str, words: str, on: dt.date, origin: Origin
) -> Version:  # fmt: skip
    """Let a version score from a day on. As champion it takes the place of the one before it.

    DaihouError where its author approves it, where it was not validated, and for a day that has passed: what was scored stays as it was.
    """
    with locked(home):
        standing = register(home)
        version = standing.version(model_id, number)
        _must_be_other(version, person)
        if version.validated is None:
            raise DaihouError(
                f"{version.called} was not validated.",
                f"Validate it first: `daihou models validate {model_id} --version {version.number}`.",
                zh=(
                    f"{version.called} 尚未验证。",
                    f"请先验证：`daihou models validate {model_id} --version {version.number}`。",
                ),
            )
        _must_not_be_returned(version)
        _must_come(from_on, on)
        _must_live(version)
        now = version.role(from_on)
        stands = now is not None and now.role == role
        if stands and (role == "shadow" or standing.champion(model_id, from_on) == version):
            return version
        note(
            home,
            [
                Entry(
                    version.model_id,
                    version.number,
                    "approved",
                    role,
                    from_on,
                    person,
                    words,
                    on,
                    origin,
                    version.trained.digest,
                    {},
                )
            ],
        )
        return register(home).version(model_id, version.number)


def send_back(home: Home, model_id: str, number: int, person: str, words: str, on: dt.date, origin: Origin) -> Version:
    """Return a version to its author, with the reason."""
    with locked(home):
        version = register(home).version(model_id, number)
        if not words.strip():
            raise DaihouError(
                "Why it is returned is not said.",
                "Say what must change.",
                zh=("未填写退回理由。", "请说明需要修改的内容。"),
            )
        _must_live(version)
        note(
            home,
            [
                Entry(
                    version.model_id,
                    number,
                    "returned",
                    None,
                    None,
                    person,
                    words,
                    on,
                    origin,
                    version.trained.digest,
                    {},
                )
            ],
        )
        return register(home).version(model_id, number)


def retire(
    home: Home, model_id: str, number: int, from_on: dt.date, person: str, words: str, on: dt.date, origin: Origin
) -> Version:
    """End a version from a day on. Its scores stay."""
    with locked(home):
        version = register(home).version(model_id, number)
        _must_come(from_on, on)
        _must_live(version)
        note(
            home,
            [
                Entry(
                    version.model_id,
                    number,
                    "retired",
                    None,
                    from_on,
                    person,
                    words,
                    on,
                    origin,
                    version.trained.digest,
                    {},
                )
            ],
        )
        return register(home).version(model_id, number)


def validated(
    home: Home, version: Version, digest: str, payload: Mapping[str, object], person: str, on: dt.date, origin: Origin
) -> None:
    """Note that a version was validated."""
    with locked(home):
        note(
            home,
            [Entry(version.model_id, version.number, "validated", None, None, person, "", on, origin, digest, payload)],
        )


def _must_be_other(version: Version, person: str) -> None:
    must_be_named(person)
    if same(person, version.trained.person):
        raise DaihouError(
            f"{person} trained {version.called} and cannot approve it.",
            "Somebody else must: four eyes.",
            version.called,
            zh=(f"{person} 是 {version.called} 的训练人，不能审批。", "须由他人审批（双人复核）。"),
        )


def same(one: str, other: str) -> bool:
    """Whether two names are of one person."""
    return one.strip().casefold() == other.strip().casefold()


def _must_come(from_on: dt.date, on: dt.date) -> None:
    if from_on < on:
        raise DaihouError(
            f"{from_on} has passed.",
            f"Choose {on} or later: what was scored stays as it was.",
            zh=(f"{from_on} 已过。", f"请选择 {on} 或之后的日期，已产生的评分不予更改。"),
        )


def _must_not_be_returned(version: Version) -> None:
    said = [entry.event for entry in version.entries if entry.event in ("validated", "returned")]
    if said and said[-1] == "returned":
        raise DaihouError(
            f"{version.called} was returned.",
            "Train a version that meets what was said, or validate this one again.",
            version.called,
            zh=(f"{version.called} 已被退回。", "请按退回意见重新训练，或重新验证该版本。"),
        )


def _must_live(version: Version) -> None:
    if any(entry.event == "retired" for entry in version.entries):
        raise DaihouError(
            f"{version.called} is retired.",
            "Train a version anew.",
            version.called,
            zh=(f"{version.called} 已停用。", "请重新训练一个版本。"),
        )
