"""A file with bad rows: dropped, its columns matched, taken in by a job that is watched, its bad rows repaired and accepted. And jobs."""

from __future__ import annotations

import base64
import re
from typing import TYPE_CHECKING

from playwright.sync_api import expect

from journeys.home import snapshot

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Page

    from journeys.browser import Seats
    from journeys.desk import Desk

JOB_MS = 90_000
DROP = """(zone, [name, content]) => {
  const files = new DataTransfer();
  files.items.add(new File([Uint8Array.from(atob(content), (sign) => sign.charCodeAt(0))], name, { type: "text/csv" }));
  for (const kind of ["dragenter", "dragover", "drop"])
    zone.dispatchEvent(new DragEvent(kind, { dataTransfer: files, bubbles: true, cancelable: true }));
}"""
"""Lets a file fall onto the drop zone, as a person lets go of it there."""


def ended(page: Page, said: str) -> None:
    """Wait on a job's page, which nobody loads again, until it says how the job ended."""
    expect(page.locator("#state .b")).to_have_text(said, timeout=JOB_MS)


def test_bad_rows_go_to_quarantine_are_repaired_and_accepted(desk: Desk, seats: Seats, tmp_path: Path) -> None:
    loans = snapshot(desk.home, desk.last, desk.last)["loan_id"].sort()
    rows = (
        f"J1,{loans[0]},2026-06-30,100.00", f"J2,{loans[1]},2026-06-31,200.00", f"J3,{loans[2]},2026-06-30,three",
    )  # fmt: skip
    sent = "payment_id,loan_id,paid_on,sum\n" + "\n".join(rows) + "\n"
    page = seats.of("analyst")
    page.goto("/deliveries/")
    page.get_by_role("link", name="Upload files").click()
    page.get_by_label("Which facts do the files hold?").select_option("payments")
    page.locator("[data-drop]").evaluate(DROP, ["counter.csv", base64.b64encode(sent.encode()).decode()])
    expect(page.locator("ul.files")).to_contain_text("counter.csv")
    page.get_by_role("button", name="Look at them").click()

    expect(page.get_by_role("heading", name="Before it is taken in")).to_be_visible()
    expect(page.locator("main")).to_contain_text("Required columns that no column of the file gives: amount")
    page.get_by_label("sum", exact=True).select_option("amount")
    page.get_by_role("button", name="Match and look again").click()
    expect(page.locator("main")).to_contain_text("1 good")
    expect(page.locator("mark")).to_have_text(["2026-06-31", "three"])
    page.get_by_role("button", name="Take in the file").click()

    expect(page).to_have_url(re.compile(r"/jobs/\d+/$"))
    ended(page, "Done, with remarks")
    page.goto("/deliveries/batches/")
    page.get_by_role("row", name=re.compile("counter.csv")).first.get_by_role("link").first.click()
    expect(page.locator("main")).to_contain_text("Why rows were refused")
    expect(page.locator("mark")).to_have_text(["2026-06-31", "three"])
    with page.expect_download() as download:
        page.get_by_role("link", name="CSV", exact=True).click()
    bad = tmp_path / "bad.csv"
    download.value.save_as(bad)
    repaired = tmp_path / "repaired.csv"
    repaired.write_text(
        bad.read_text("utf-8-sig").replace("2026-06-31", "2026-06-30").replace("three", "300.00"), "utf-8"
    )

    page.get_by_role("link", name="Send corrected rows").click()
    page.get_by_label("Files", exact=True).set_input_files(repaired)
    page.get_by_role("button", name="Look at them").click()
    expect(page.locator("main")).to_contain_text("Corrected rows of quarantine")  # in the desk's own columns
    expect(page.locator("main")).to_contain_text("2 good")
    page.get_by_role("button", name="Take in the file").click()
    ended(page, "Done")
    page.goto("/deliveries/batches/")
    page.get_by_role("row", name=re.compile("repaired")).first.get_by_role("link").first.click()
    expect(page.locator("main")).to_contain_text("Every row was taken")


def test_a_run_is_started_and_a_history_cancelled(desk: Desk, seats: Seats) -> None:
    page = seats.of("analyst")
    page.goto("/jobs/")
    page.get_by_role("link", name="Start a history").click()
    page.get_by_label("First date").fill(f"{desk.pairs[0][0]}")
    page.get_by_label("Last date").fill(f"{desk.last}")
    page.get_by_label("Dates between").select_option("day")
    page.get_by_role("button", name="Start a history").click()
    expect(page.get_by_role("heading", name=re.compile(r"Job \d+ · History"))).to_be_visible()
    page.get_by_role("button", name="Cancel the job").click()
    ended(page, "Cancelled")

    page.goto("/jobs/")
    page.get_by_role("link", name="Start a run").click()
    page.get_by_label("Data date").fill(f"{desk.last}")
    page.get_by_label("Knowledge date").fill(f"{desk.last}")
    page.get_by_role("button", name="Start a run").click()
    ended(page, "Done, with remarks")  # three loans cannot be measured
    expect(page.locator("pre.code")).to_contain_text(f"{desk.last}")
    expect(page.get_by_role("button", name="Run again")).to_be_visible()
