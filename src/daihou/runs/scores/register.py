"""The register of models: what was trained, validated, approved and retired, by whom and when; a row an event, never changed. What stands is folded from it.

The files of a version lie in the home's `files/models/ID/vN`: its text, its validation and reports; the sample it came of in `files/models/ID/samples`, once for
all versions of it. The register names the text by its digest, so that a file that was touched is found out.
"""

from __future__ import annotations

import fcntl
import json
import shutil
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any, Final, Literal

import pyarrow as pa

from daihou.assessment.scores import model as models
from daihou.book import lake
from daihou.book.errors import DaihouError
from daihou.runs.scores.snapshots import called

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from daihou.assessment.scores.model import Kind, Model
    from daihou.book.home import Home

TABLE: Final = "models"
TEXT: Final = "model.json"
VALIDATION: Final = "validation.json"
Event = Literal["trained", "validated", "approved", "returned", "retired", "proposed", "agreed"]
Role = Literal["champion", "shadow"]
Standing = Literal["trained", "waits", "returned", "coming", "shadow", "champion", "replaced", "retired"]
"""`waits`: validated, and nobody has said yes or no since; `coming`: approved from a later day on."""
Origin = Literal["desk", "command"]


@dataclass(frozen=True, slots=True)
class Entry:
    """A row of the register."""

    model_id: str
    version: int
    event: Event
    role: Role | None
    from_on: dt.date | None
    person: str
    note: str
    recorded_on: dt.date
    origin: Origin
    digest: str
    payload: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Version:
    """A version of a model: its entries, in the order they were recorded."""

    model_id: str
    number: int
    entries: tuple[Entry, ...]

    @property
    def called(self) -> str:
        """What it is called wherever it scores."""
        return called(self.model_id, self.number)

    @property
    def trained(self) -> Entry:
        """How it came to be."""
        return self.entries[0]

    @property
    def kind(self) -> Kind:
        """Card or trees."""
        kind: Kind = self.trained.payload["kind"]
        return kind

    @property
    def validated(self) -> Entry | None:
        """Its last validation."""
        return self._last("validated")

    def _last(self, *events: Event) -> Entry | None:
        return next((entry for entry in reversed(self.entries) if entry.event in events), None)

    def role(self, day: dt.date) -> Entry | None:
        """The approval in force on a day; None before one, and from the day it was retired. A later champion is not looked at here."""
        if any(
            entry.event == "retired" and entry.from_on is not None and entry.from_on <= day for entry in self.entries
        ):
            return None
        found = [
            entry
            for entry in self.entries
            if entry.event == "approved" and entry.from_on is not None and entry.from_on <= day
        ]
        return max(found, key=lambda entry: (entry.from_on, self.entries.index(entry)), default=None)

    @property
    def waits(self) -> bool:
        """Whether it is validated and nobody has said yes or no since."""
        last = self._last("validated", "approved", "returned", "retired")
        return last is not None and last.event == "validated"


@dataclass(frozen=True)
class Register:
    """All versions of all models, by model in order of number."""

    entries: tuple[Entry, ...]

    @cached_property
    def versions(self) -> tuple[Version, ...]:
        """In order of model and number."""
        found: dict[tuple[str, int], list[Entry]] = {}
        for entry in self.entries:
            if entry.event not in ("proposed", "agreed"):
                found.setdefault((entry.model_id, entry.version), []).append(entry)
        return tuple(Version(*key, tuple(entries)) for key, entries in sorted(found.items()))

    def of(self, model_id: str) -> tuple[Version, ...]:
        """The versions of a model."""
        return tuple(version for version in self.versions if version.model_id == model_id)

    def champion(self, model_id: str, day: dt.date) -> Version | None:
        """The version by which a model scores on a day: the champion whose day came last, of one day the one approved last.

        Once that one is retired, or in shadow, nobody is: an earlier champion does not come back by itself.
        """
        found = [
            (entry.from_on, place, entry.version)
            for place, entry in enumerate(self.entries)
            if entry.model_id == model_id and entry.event == "approved" and entry.role == "champion" and entry.from_on is not None and entry.from_on <= day
        ]  # fmt: skip
        if not found:
            return None
        version = self.version(model_id, max(found)[2])
        role = version.role(day)
        return version if role is not None and role.role == "champion" else None

    def scoring(self, day: dt.date) -> tuple[tuple[Version, Role], ...]:
        """Who scores on a day: the champion of each model and the versions in its shadow."""
        found: list[tuple[Version, Role]] = []
        for model_id in sorted({version.model_id for version in self.versions}):
            champion = self.champion(model_id, day)
            for version in self.of(model_id):
                role = version.role(day)
                if version == champion:
                    found.append((version, "champion"))
                elif role is not None and role.role == "shadow":
                    found.append((version, "shadow"))
        return tuple(found)

    def standing(self, version: Version, day: dt.date) -> Standing:
        """How a version stands on a day."""
        roles = {one.called: role for one, role in self.scoring(day)}
        if version.called in roles:
            return roles[version.called]
        if any(entry.event == "retired" for entry in version.entries):
            return "retired"
        if version.waits:
            return "waits"
        approved = [
            entry.from_on for entry in version.entries if entry.event == "approved" and entry.from_on is not None
        ]
        if approved:
            return "coming" if max(approved) > day else "replaced"
        return "returned" if version.entries[-1].event == "returned" else "trained"

    def version(self, model_id: str, number: int | None = None) -> Version:
        """A version, the last one unless its number is given; DaihouError where there is none."""
        found = self.of(model_id)
        if not found:
            known = sorted({version.model_id for version in self.versions})
            raise DaihouError(
                f"There is no model called {model_id}.",
                f"Models are: {', '.join(known)}." if known else "Train one: `daihou models train DESIGN`.",
                zh=(
                    f"没有名为 {model_id} 的模型。",
                    f"现有模型：{'、'.join(known)}。" if known else "请先训练：`daihou models train 方案`。",
                ),
            )
        chosen = found[-1] if number is None else next((one for one in found if one.number == number), None)
        if chosen is None:
            raise DaihouError(
                f"{model_id} has no version {number}.",
                f"Versions are: {', '.join(str(one.number) for one in found)}.",
                zh=(f"{model_id} 没有版本 {number}。", f"现有版本：{'、'.join(str(one.number) for one in found)}。"),
            )
        return chosen


def register(home: Home) -> Register:
    """What a home has registered."""
    return _at(home, lake.version(home, TABLE))


@lru_cache(maxsize=8)
def _at(home: Home, version: int | None) -> Register:
    if version is None:
        return Register(())
    return Register(
        tuple(_entry(row) for batch in lake.read(home, TABLE, version=version) for row in batch.to_pylist())
    )


def _entry(row: dict[str, Any]) -> Entry:
    return Entry(**{**row, "payload": json.loads(row["payload"] or "{}")})


def must_be_named(person: str) -> None:
    """Refuse what nobody answers for."""
    if not person.strip():
        raise DaihouError(
            "Who does it is not said.",
            "Name yourself: `--by NAME`.",
            zh=("未写明操作人。", "请注明：`--by 姓名`。"),
        )


def note(home: Home, entries: Sequence[Entry]) -> None:
    """Add entries to the register, each with the person who answers for it."""
    for entry in entries:
        must_be_named(entry.person)
    rows = [
        {name: getattr(entry, name) for name in Entry.__slots__} | {"payload": json.dumps(dict(entry.payload), ensure_ascii=False, sort_keys=True)}
        for entry in entries
    ]  # fmt: skip
    lake.append(home, TABLE, pa.Table.from_pylist(rows, lake.schema(TABLE)))


def folder(home: Home, model_id: str, number: int) -> Path:
    """Where the files of a version lie."""
    return home.files / "models" / model_id / f"v{number}"


def sample_path(home: Home, version: Version) -> Path:
    """Where the sample that a version came of lies."""
    return _sample(home, version.model_id, version.trained.payload["fingerprint"])


def _sample(home: Home, model_id: str, fingerprint: str) -> Path:
    return home.files / "models" / model_id / "samples" / f"{fingerprint}.parquet"


def enter(
    home: Home, model: Model, sample: Callable[[], bytes], person: str, on: dt.date, words: str, origin: Origin
) -> Version:  # fmt: skip
    """Register a model that was trained as the next version of its design's id; one with the same text as another is that one.

    The files are there before the register names them: killed in between, what was written is written over by the next.
    """
    with locked(home):
        before = register(home).of(model.design.id)
        same = next((one for one in before if one.trained.digest == model.digest), None)
        if same is not None:
            return same
        fingerprint = model.record["sample"]["fingerprint"]
        number = before[-1].number + 1 if before else 1
        target = folder(home, model.design.id, number)
        shutil.rmtree(target, ignore_errors=True)
        target.mkdir(parents=True)
        (target / TEXT).write_text(model.text, "utf-8")
        rows = _sample(home, model.design.id, fingerprint)
        if not rows.exists():
            rows.parent.mkdir(exist_ok=True)
            draft = rows.with_name(f".{rows.name}")
            draft.write_bytes(sample())
            draft.replace(rows)
        payload = {
            "kind": model.kind, "subject": model.design.subject, "design": model.design.digest, "fingerprint": fingerprint,
            "name": {"en": model.design.name.en, "zh": model.design.name.zh},
        }  # fmt: skip
        note(
            home,
            [Entry(model.design.id, number, "trained", None, None, person, words, on, origin, model.digest, payload)],
        )
        return register(home).version(model.design.id, number)


def model(home: Home, version: Version) -> Model:
    """The model of a version; DaihouError where its file is gone or is not what was registered."""
    return _model(folder(home, version.model_id, version.number) / TEXT, version.trained.digest)


@lru_cache(maxsize=16)
def _model(path: Path, digest: str) -> Model:
    try:
        content = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else error.reason
        raise DaihouError(
            f"The model's file cannot be read: {why}.",
            "Bring it back from a backup, or train the version again: the register keeps its digest.",
            str(path),
            zh=(f"模型文件无法读取：{why}。", "请从备份恢复，或重新训练；登记簿保留了其摘要。"),
        ) from error
    if models.digest_of(content) != digest:
        raise DaihouError(
            "The model's file is not the one that was registered.",
            "Somebody changed it. Bring it back from a backup.",
            str(path),
            zh=("模型文件与登记的摘要不符。", "文件已被改动，请从备份恢复。"),
        )
    return models.read(content, str(path))


@contextmanager
def locked(home: Home) -> Iterator[None]:
    """Let one process at a time change the register; the others wait."""
    with (home.path / "models.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
