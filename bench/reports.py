"""The bench of inspection reports: `python -m bench.reports` makes a report with six pictures among 100,000 loans, and prints it as PDF and as Word.

It makes a home of its own and throws it away. The floor is opening and scaling the same six pictures; the peer is Chromium printing the same page, where it is installed.
PostgreSQL by DATABASE_URL.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from PIL import Image
from rich.console import Console
from rich.table import Table

from bench.reviews import DAY, night
from daihou.book.home import open_home

if TYPE_CHECKING:
    from collections.abc import Callable

    from daihou.desk.people.models import User
    from daihou.desk.reviews.models import Sheet

MADE_S: Final = 3.0
"""Gathering and printing together."""
PICTURES: Final = 6
SIZE: Final = (4000, 3000)
TIMES: Final = 5
BORROWER: Final = "C0000020"
ANSWERS: Final[dict[str, Any]] = {
    "met": "owner", "same_premises": True, "licence": "valid", "owner_change": False, "staff": 12, "wages": "on_time", "open": "half",
    "turnover": 18_200_000, "rent": "paid", "debts": ["private"], "debts_total": 90_000_000, "late_elsewhere": False, "lawsuits": False,
    "willingness": 4, "ability": 2, "next_source": "货款回笼", "opinion": "库存偏高，建议两个月内复查。",
}  # fmt: skip


def visit() -> tuple[Sheet, User]:
    """A visit by the regular form, filled in, with pictures as large as phones take them."""
    from django.utils import timezone

    from daihou.desk.files.fitness import Incoming
    from daihou.desk.people.models import Membership, User
    from daihou.desk.reviews import doing, sheets
    from daihou.desk.reviews.models import Review, Sheet

    now = timezone.now()
    who = User.objects.create(username="o1", name="O 1", language="zh-hans", officer_id="O0001")
    Membership.objects.create(user=who, role="manager", org_id="")
    review = Review.objects.create(
        plan="regular", about="borrower", subject=BORROWER, anchor="never", type="regular", site="on", form="regular", line=3, borrower_id=BORROWER,
        due_on=DAY, planned_on=DAY, planned_at=now, begun_at=now, state="begun", owner=who, org_id="B01", officer_id="O0001",
    )  # fmt: skip
    form = sheets.form_on("regular", DAY)
    sheet = Sheet.objects.create(review=review, form=form.id, version=form.number, digest=form.digest, answers=ANSWERS, saved_at=now, saved_by=who)  # fmt: skip
    chance, question = np.random.default_rng(7), form.question("premises")
    assert question is not None
    for _ in range(PICTURES):
        small = chance.integers(0, 255, (150, 200, 3), np.uint8)
        held = BytesIO()
        Image.fromarray(small).resize(SIZE, Image.Resampling.BICUBIC).save(held, "JPEG", quality=90)
        content = held.getvalue()
        incoming = Incoming(
            "shot.jpg", "image/jpeg", len(content), hashlib.sha256(content).hexdigest(), BytesIO(content)
        )
        doing.attach(sheet, question, "front", incoming, asked(who))
    return sheet, who


def asked(who: User) -> Any:
    """A bare request of somebody."""
    from daihou.desk.asked import Asked
    from daihou.desk.people.reach import Access

    request = Asked()
    request.user, request.id, request.rights = who, "bench", Access(who)
    return request


def timed(act: Callable[[], Any]) -> tuple[float, float, Any]:
    """The median of some times, of the clock and of the processor, and what came of it last."""
    clock, worked, found = [], [], None
    for _ in range(TIMES):
        begun, before = time.perf_counter(), time.process_time()
        found = act()
        clock.append(time.perf_counter() - begun)
        worked.append(time.process_time() - before)
    return float(np.median(clock)), float(np.median(worked)), found


def measure() -> bool:
    """All of it, in the home that is set up; whether it was in time."""
    from daihou.desk.reports import filling, pictures, transitions
    from daihou.desk.reports.document import document
    from daihou.desk.reports.pdf import html, pdf
    from daihou.desk.reports.views.one import stated
    from daihou.desk.reports.word.made import docx

    sheet, who = visit()
    begun = time.perf_counter()
    report = transitions.make(sheet.review, "zh-hans", asked(who))
    pdf(document(report, stated(report)))
    first = time.perf_counter() - begun
    shown = next(part["pictures"] for part in report.figures["parts"] if part["id"] == "pictures")
    floor, floor_cpu, _ = timed(lambda: pictures.opened(report, shown))
    gathered, gathered_cpu, _ = timed(lambda: filling.fill(sheet.review, "zh-hans"))
    printed, printed_cpu, content = timed(lambda: pdf(document(report, stated(report))))
    written, written_cpu, _ = timed(lambda: docx(document(report, stated(report))))
    peer = chromium(html(document(report, stated(report))))
    table = Table("", "measured", "processor", "target", "compared")
    table.add_row("pictures opened and scaled (the floor)", f"{floor:.2f} s", f"{floor_cpu:.2f} s", "", "")
    table.add_row("gathered, warm", f"{gathered:.2f} s", f"{gathered_cpu:.2f} s", "", f"{gathered / floor:.1f} floors")
    table.add_row(
        f"printed as PDF ({len(content):,} bytes)",
        f"{printed:.2f} s",
        f"{printed_cpu:.2f} s",
        "",
        f"{printed / floor:.1f} floors; Chromium {peer}",
    )
    table.add_row(
        "gathered and printed",
        f"{gathered + printed:.2f} s",
        f"{gathered_cpu + printed_cpu:.2f} s",
        f"{MADE_S:.0f} s",
        f"the very first of a process: {first:.2f} s",
    )
    table.add_row("written as Word", f"{written:.2f} s", f"{written_cpu:.2f} s", "", f"{written / floor:.1f} floors")
    Console(width=150).print(table)
    return gathered + printed <= MADE_S


def chromium(page: str) -> str:
    """How long Chromium takes for the same page."""
    place = shutil.which("chromium")
    if place is None:
        return "is not installed"
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "page.html").write_text(page, "utf-8")
        asked_for = [
            place,
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            f"--print-to-pdf={folder}/page.pdf",
            f"{folder}/page.html",
        ]
        begun = time.perf_counter()
        subprocess.run(asked_for, check=True, capture_output=True)
        return f"{time.perf_counter() - begun:.2f} s"


def main() -> None:
    """Measure in a home of its own; 1 where it took too long."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--loans", type=int, default=100_000)
    loans = parser.parse_args().loans
    with tempfile.TemporaryDirectory() as folder:
        os.environ["DAIHOU_HOME"] = str(Path(folder) / "home")
        open_home(Path(folder) / "home", {})
        from daihou.cli.desk import bring_up_to_date, django_ready

        django_ready()
        bring_up_to_date()
        from django.conf import settings

        night(settings.HOME, DAY, loans)
        met = measure()
    sys.exit(0 if met else 1)


if __name__ == "__main__":
    main()
