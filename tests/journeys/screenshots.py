"""Pictures of every page: `make screenshots`. All of them go to out/screenshots, those that the README shows to docs/screenshots.

`python -m journeys.screenshots [HOME] [-k PART]`: over a home that is there, or over a new demo; only pages with PART in their name.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

from PIL import Image

from journeys.browser import PHONE, WIDE, Seats, found, launched
from journeys.desk import Desk, environment, prepared
from journeys.pages import SETTLED, sights
from journeys.post import open_post

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Page

ROOT: Final = Path(__file__).parents[2]
EVERY: Final = ROOT / "out" / "screenshots"
SHOWN: Final = ROOT / "docs" / "screenshots"
README: Final = {
    "overview-light.png": "overview-light-1440-zh.png",
    "overview-dark.png": "overview-dark-1440-zh.png",
    "alerts-light.png": "alerts-light-1440-zh.png",
    "alert-light.png": "alert-light-1440-zh.png",
    "workbench-light.png": "workbench-light-1440-zh.png",
    "loans-light.png": "loans-light-1440-zh.png",
    "loan-light.png": "loan-light-1440-zh.png",
    "borrower-phone.png": "borrower-light-390-zh.png",
}
TALLEST: Final = 1500
"""Pixels of a picture in the README; the page goes on below."""
COLOURS: Final = 192
MOST_BYTES: Final = 250_000
USERS: Final = {"zh": "-zh", "en": ""}
"""What follows the name of the user who reads a language."""


def main() -> None:
    """Make them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("home", type=Path, nargs="?")
    parser.add_argument("-k", dest="part", default="")
    asked = parser.parse_args()
    chromium = found()
    if not chromium:
        sys.exit("Chromium is not installed (apt install chromium).")
    with tempfile.TemporaryDirectory() as folder:
        home = asked.home or demo(Path(folder))
        mails = Path(folder) / "mails"
        with open_post(mails) as post, prepared(home, post) as address, launched(chromium) as browser:
            seats = Seats(browser, address)
            for file in pictures(Desk(address, home), seats, asked.part):
                print(file)
            print(*seats.leave(), sep="\n")
    for name, source in README.items():
        if (EVERY / source).exists():
            small(EVERY / source, SHOWN / name)


def demo(folder: Path) -> Path:
    """The home of a demo made for the pictures: 20,000 loans of a bank, whose people write Chinese."""
    words = ["demo", "--profile", "bank", "--no-serve", "-o", str(folder / "demo.png")]
    subprocess.run(
        [sys.executable, "-m", "daihou.cli.main", *words], env=environment(folder) | {"DAIHOU_LANG": "zh"}, check=True
    )
    return folder / "demo"


def pictures(desk: Desk, seats: Seats, part: str) -> Iterator[str]:
    """Picture pages in both themes, wide and as on a phone, in Chinese and the main ones in English; the names of the files."""
    EVERY.mkdir(parents=True, exist_ok=True)
    for language in USERS:
        chosen = [sight for sight in sights(desk) if part in sight.name and (sight.main or language == "zh")]
        for who in dict.fromkeys(sight.who for sight in chosen):
            for theme in ("light", "dark"):
                for size in (WIDE, PHONE):
                    page = seats.of(who + USERS[language], size, color_scheme=theme, locale=language)
                    for sight in chosen:
                        if sight.who == who:
                            name = f"{sight.name}-{theme}-{size[0]}-{language}.png"
                            page.set_viewport_size({"width": size[0], "height": size[1]})
                            sight.visit(page)
                            shoot(page, size[0], EVERY / name)
                            yield name
                    page.context.close()


def shoot(page: Page, width: int, path: Path) -> None:
    """Picture a whole page: the window is made as high as it, so that what fills a window fills the picture."""
    height = page.evaluate("document.documentElement.scrollHeight")
    page.set_viewport_size({"width": width, "height": height})
    page.wait_for_function(SETTLED)
    page.screenshot(path=path, full_page=True)


def small(source: Path, target: Path) -> None:
    """A picture for the README: few colours, no more than a screen and a half."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with Image.open(source) as whole:
        cut = whole.convert("RGB").crop((0, 0, whole.width, min(whole.height, TALLEST)))
    cut.quantize(COLOURS, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE).save(target, optimize=True)
    if target.stat().st_size > MOST_BYTES:
        sys.exit(f"{target} is too large for the repository: {target.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
