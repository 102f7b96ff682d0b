"""The home: one folder that holds everything of one installation, and its settings."""

from __future__ import annotations

import os
import tomllib
from dataclasses import dataclass, fields, replace
from datetime import time
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from daihou.book import money
from daihou.book.bureaus import Bureau, read_bureaus
from daihou.book.errors import DaihouError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

SETTINGS_FILE = "daihou.toml"
PROFILES = ("bank", "trust", "online")
CONDUCT = {"CN": ("conduct_cn", "conduct_house"), "US": ("conduct_us", "conduct_house")}
"""By calendar: the conduct policies of a home that names none; elsewhere the house's own alone."""
CREDIT_QUERIES = {"CN": ("credit_queries_cn", "credit_queries_house")}
"""The same of the policies of credit reports."""
TABLES = ("bureaus",)
"""Settings that are tables: they stand in the file alone."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What one lender sets once: read from daihou.toml, each overridden by DAIHOU_<NAME> in the environment."""

    timezone: str = "Asia/Shanghai"
    cut_off: str = "00:00"
    """Time of day at which one business date ends and the next begins."""
    base_currency: str = "CNY"
    calendar: str = "CN"
    profile: str = "bank"
    conduct: str = ""
    """The conduct policies that every contact must pass, parted by commas; empty: those of the calendar."""
    credit_queries: str = ""
    """The policies that every query of a credit report must pass; the same."""
    bureaus: tuple[Bureau, ...] = ()
    """The credit bureaus that may be asked."""

    def bureau(self, code: str) -> Bureau | None:
        """The bureau of a code; None where the home knows none of it."""
        return next((one for one in self.bureaus if one.code == code), None)

    @property
    def conduct_policies(self) -> tuple[str, ...]:
        """Their names."""
        return _named(self.conduct) or CONDUCT.get(self.calendar, ("conduct_house",))

    @property
    def credit_query_policies(self) -> tuple[str, ...]:
        """Their names."""
        return _named(self.credit_queries) or CREDIT_QUERIES.get(self.calendar, ("credit_queries_house",))

    @property
    def cut_off_time(self) -> time:
        """The cut-off as a time of day."""
        return time.fromisoformat(self.cut_off)

    @property
    def zone(self) -> ZoneInfo:
        """The time zone."""
        return ZoneInfo(self.timezone)


@dataclass(frozen=True, slots=True)
class Home:
    """The folder of one installation."""

    path: Path
    settings: Settings = Settings()

    @property
    def lake(self) -> Path:
        """Facts at rest: one Delta table per contract table."""
        return self.path / "lake"

    @property
    def ledger(self) -> Path:
        """Derived files for the kernels; may be deleted."""
        return self.path / "ledger"

    @property
    def files(self) -> Path:
        """Attachments and models."""
        return self.path / "files"

    @property
    def staging(self) -> Path:
        """Deliveries being taken in."""
        return self.path / "staging"


def open_home(path: Path, environment: Mapping[str, str] | None = None) -> Home:
    """Return the home at a path, created with its settings on first use; DaihouError on a bad setting."""
    settings_file = path / SETTINGS_FILE
    try:
        path.mkdir(parents=True, exist_ok=True)
        if not settings_file.exists():
            _write_first(settings_file)
        stated = tomllib.loads(settings_file.read_text("utf-8"))
    except OSError as error:
        raise DaihouError(
            f"The home cannot be used: {error.strerror}.",
            "Set DAIHOU_HOME to a folder you may write to.",
            str(path),
            zh=(f"数据目录无法使用：{error.strerror}。", "请将 DAIHOU_HOME 设为可写的文件夹。"),
        ) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise DaihouError(
            f"The settings cannot be read: {error}.",
            "Correct the file, or delete it to start from defaults.",
            str(settings_file),
            zh=(f"设置文件无法读取：{error}。", "请更正该文件；删除后将按默认设置重建。"),
        ) from error
    return Home(path, _settings(stated, os.environ if environment is None else environment, str(settings_file)))


def _write_first(settings_file: Path) -> None:
    names = [field.name for field in fields(Settings) if field.name not in TABLES]
    lines = [f'{name} = "{getattr(Settings(), name)}"' for name in names]
    draft = settings_file.with_suffix(f".{os.getpid()}.tmp")
    draft.write_text("\n".join(lines) + "\n", "utf-8")
    draft.replace(settings_file)


def _settings(stated: Mapping[str, object], environment: Mapping[str, str], place: str) -> Settings:
    names = [field.name for field in fields(Settings)]
    unknown = sorted(set(stated) - set(names))
    if unknown:
        raise DaihouError(
            f"Unknown setting: {', '.join(unknown)}.",
            f"Settings are: {', '.join(names)}.",
            place,
            zh=(f"未知设置项：{'、'.join(unknown)}。", f"可用设置项：{'、'.join(names)}。"),
        )
    values: dict[str, Any] = {name: str(value) for name, value in stated.items() if name not in TABLES}
    values |= {
        name: environment[f"DAIHOU_{name.upper()}"]
        for name in names
        if name not in TABLES and environment.get(f"DAIHOU_{name.upper()}")
    }
    settings, problem = Settings(), None
    try:
        settings = replace(settings, **values, bureaus=read_bureaus(stated.get("bureaus", {})))
        problem = _problem(settings)
    except ValueError as error:
        problem = error.args
    if problem:
        en, zh = problem
        raise DaihouError(
            en,
            "Correct it in the settings file, or in the DAIHOU_ variable of that name.",
            place,
            zh=(zh, "请在设置文件或同名的 DAIHOU_ 环境变量中更正。"),
        )
    return settings


def _named(text: str) -> tuple[str, ...]:
    """Names parted by commas, each once."""
    return tuple(dict.fromkeys(name.strip() for name in text.split(",") if name.strip()))


def _problem(settings: Settings) -> tuple[str, str] | None:
    """What is wrong with the settings, in English and Chinese."""
    try:
        _ = settings.zone
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return f"timezone '{settings.timezone}' is unknown.", f"未知时区：{settings.timezone}。"
    try:
        _ = settings.cut_off_time
    except ValueError:
        return (
            f"cut_off '{settings.cut_off}' is not a time of day like 18:00.",
            f"日切时间“{settings.cut_off}”不是 18:00 这样的时刻。",
        )
    if settings.base_currency not in money.currencies():
        return (
            f"base_currency '{settings.base_currency}' is not an ISO 4217 currency.",
            f"本位币“{settings.base_currency}”不是 ISO 4217 币种。",
        )
    if settings.profile not in PROFILES:
        return (
            f"profile '{settings.profile}' is not one of {', '.join(PROFILES)}.",
            f"机构类型“{settings.profile}”不在其列：{'、'.join(PROFILES)}。",
        )
    return None
