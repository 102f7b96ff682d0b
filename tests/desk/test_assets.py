"""The front end's build, and what its sheets and scripts keep to."""

from __future__ import annotations

import gettext
import importlib.util
import json
import os
import re
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

if TYPE_CHECKING:
    from types import ModuleType

ROOT: Final = Path(__file__).parents[2]
FRONTEND: Final = ROOT / "frontend"
OURS: Final = ROOT / "src/daihou/desk/static/desk"
SHEETS: Final = sorted(OURS.glob("*.css"))
SCRIPTS: Final = sorted(OURS.glob("*.js"))
COLOUR: Final = re.compile(r"#[0-9a-fA-F]{3,8}\b|\b(?:rgb|hsl|oklch|lab)a?\(")
LINES: Final = 400
AA: Final = 4.5
"""The contrast that text needs by WCAG 2.1, AA."""


@pytest.fixture(scope="module")
def build() -> ModuleType:
    spec = importlib.util.spec_from_file_location("hatch_build", ROOT / "hatch_build.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def checkout(build: ModuleType, tmp_path: Path) -> Path:
    """A checkout whose packages are there, each file a line and the name of a map."""
    (tmp_path / "frontend").mkdir()
    (tmp_path / "frontend/package-lock.json").write_text("{}")
    for source, _ in build.copies(tmp_path):
        source.parent.mkdir(parents=True, exist_ok=True)
        source.write_text("kept();\n/*# sourceMappingURL=x.map */\n")
    return tmp_path


# The lock --------------------------------------------------------------------------------------------------------------


def test_the_lock_names_no_host() -> None:
    lock = (FRONTEND / "package-lock.json").read_text()
    assert "http" not in lock, (
        "delete the lines of `resolved` and `funding`: whoever builds has a registry of their own"
    )


def test_every_version_is_exact_and_locked() -> None:
    wanted = json.loads((FRONTEND / "package.json").read_text())
    locked = json.loads((FRONTEND / "package-lock.json").read_text())["packages"]
    for name, version in (wanted["dependencies"] | wanted["devDependencies"]).items():
        assert re.fullmatch(r"\d+\.\d+\.\d+", version), name
        assert locked[f"node_modules/{name}"]["version"] == version
    assert all(package.get("integrity") for path, package in locked.items() if path)


# The build -------------------------------------------------------------------------------------------------------------


def test_every_part_comes_with_its_licence_and_is_in_the_notice(build: ModuleType) -> None:
    notice = (ROOT / "NOTICE").read_text()
    for part in build.PARTS:
        assert part.licences, part.package
        assert part.package in notice
    missing = [target for _, target in build.copies(ROOT) if not target.is_file()]
    assert not missing, "run `make assets`"


def test_what_is_served_names_no_map(build: ModuleType) -> None:
    assert not [file for file in (ROOT / build.VENDOR).glob("*.*") if b"sourceMappingURL" in file.read_bytes()]


@pytest.mark.parametrize(
    "made",
    [
        "frontend/node_modules/x",
        "src/daihou/desk/static/vendor/x.js",
        "src/daihou/desk/locale/en/LC_MESSAGES/django.mo",
    ],
)
def test_what_is_made_stays_out_of_git(made: str) -> None:
    assert subprocess.run(["git", "check-ignore", "--quiet", made], cwd=ROOT).returncode == 0


def test_a_map_is_taken_off_and_nothing_else(build: ModuleType, checkout: Path) -> None:
    build.copy_vendor(checkout)
    assert {target.read_text() for _, target in build.copies(checkout)} == {"kept();\n"}


def test_it_is_skipped_until_the_lock_is_newer_or_a_file_is_gone(build: ModuleType, checkout: Path) -> None:
    assert not build.vendor_is_fresh(checkout)
    build.copy_vendor(checkout)
    assert build.vendor_is_fresh(checkout)

    lock = checkout / "frontend/package-lock.json"
    later = lock.stat().st_mtime + 60
    os.utime(lock, (later, later))
    assert not build.vendor_is_fresh(checkout)

    build.copy_vendor(checkout)
    for _, target in build.copies(checkout):
        os.utime(target, (later, later))
    assert build.vendor_is_fresh(checkout)
    (checkout / build.VENDOR / "htmx.min.js").unlink()
    assert not build.vendor_is_fresh(checkout)


def test_a_translation_is_compiled_when_its_text_is_newer(build: ModuleType, tmp_path: Path) -> None:
    source = tmp_path / "src/daihou/desk/jobs/locale/zh_Hans/LC_MESSAGES/django.po"
    source.parent.mkdir(parents=True)
    source.write_text('msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\n"\n\nmsgid "Jobs"\nmsgstr "任务"\n')
    build.compile_translations(tmp_path)
    compiled = source.with_suffix(".mo")
    with compiled.open("rb") as read:
        assert gettext.GNUTranslations(read).gettext("Jobs") == "任务"

    compiled.write_bytes(b"as it was")
    build.compile_translations(tmp_path)
    assert compiled.read_bytes() == b"as it was"


def test_without_a_registry_it_says_what_to_do(
    build: ModuleType, checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("package.json", "package-lock.json"):
        (checkout / "frontend" / name).write_bytes((FRONTEND / name).read_bytes())
    monkeypatch.setenv("npm_config_offline", "true")
    monkeypatch.setenv("npm_config_cache", str(checkout / "cache"))
    with pytest.raises(build.AssetsError, match="npm config set registry"):
        build.fetch_packages(checkout / "frontend")


# The sheets ------------------------------------------------------------------------------------------------------------


def bare(sheet: Path) -> str:
    """A sheet without its comments."""
    return re.sub(r"/\*.*?\*/", "", sheet.read_text(), flags=re.DOTALL)


def tokens(theme: str) -> dict[str, str]:
    """The tokens of a theme by name; the dark one says only what differs."""
    blocks = re.findall(r"([^{}]+)\{([^}]*)\}", bare(OURS / "tokens.css"))
    found: dict[str, str] = {}
    for selectors, body in blocks:
        if "data-bs-theme=" not in selectors or "light" in selectors or theme in selectors:
            found |= re.findall(r"--dh-([\w-]+):\s*([^;]+);", body)
    return found


@pytest.mark.parametrize("file", [*SHEETS, *SCRIPTS], ids=lambda file: file.name)
def test_a_file_opens_by_saying_what_it_holds_and_is_short(file: Path) -> None:
    text = file.read_text()
    assert text.startswith(("/* ", "// "))
    assert len(text.splitlines()) <= LINES


@pytest.mark.parametrize(
    "sheet", [sheet for sheet in SHEETS if sheet.name != "tokens.css"], ids=lambda sheet: sheet.name
)
def test_colours_are_named_in_the_tokens_alone(sheet: Path) -> None:
    assert not COLOUR.findall(bare(sheet))


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.name)
def test_a_script_needs_no_exception_from_the_content_security_policy(script: Path) -> None:
    text = script.read_text()
    assert not re.search(
        r"\beval\(|new Function|\bstyle=|<style|<script|\bon\w+=\"", re.sub(r"^ *//.*$", "", text, flags=re.MULTILINE)
    )
    assert not COLOUR.findall(text)


def test_every_token_that_is_used_exists() -> None:
    known = tokens("light")
    for sheet in SHEETS:
        assert set(re.findall(r"var\(--dh-([\w-]+)\)", bare(sheet))) <= set(known), sheet.name
    for script in SCRIPTS:
        assert set(re.findall(r'token\("([\w-]+)"\)', script.read_text())) <= set(known), script.name


def test_important_is_kept_for_paper_and_for_those_who_want_no_motion() -> None:
    assert {sheet.name: count for sheet in SHEETS if (count := bare(sheet).count("!important"))} == {
        "alert_print.css": 1,
        "layers.css": 2,
        "print.css": 1,
    }


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


PAIRS: Final = [
    *[(text, ground) for text in ("ink", "muted", "link") for ground in ("page", "surface", "sunken")],
    *[(text, "surface") for text in ("good", "bad", "warn")],
    ("link", "accent-tint"),
    ("ink", "accent-tint"),
    ("on-accent", "accent"),
    ("on-accent", "accent-deep"),
    *[(f"{level}-fg", f"{level}-bg") for level in ("red", "orange", "yellow", "blue", "green", "grey")],
    ("ink", "red-bg"),
    *[(f"b{bucket}-fg", f"b{bucket}") for bucket in range(7)],
    *[("ink", shade) for shade in ("h1", "h2", "h3", "w1", "w2", "w3", "g1", "g2", "g3")],
    *[(f"heat-{step}-fg", f"{hue}{step}") for step in (4, 5) for hue in "hw"],
]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_text_stands_out_from_its_ground(theme: str) -> None:
    known = tokens(theme)
    weak = {pair: round(found, 2) for pair in PAIRS if (found := contrast(known[pair[0]], known[pair[1]])) < AA}
    assert not weak
