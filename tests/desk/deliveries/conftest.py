"""Bad rows in the home of the shared book: payments that no run ever sees, and series of the economy, which concern no loan."""

from __future__ import annotations

import datetime as dt
import io
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile

from daihou.book import business_date
from daihou.book.intake import Report, deliver
from daihou.desk.deliveries.models import Upload

if TYPE_CHECKING:
    from daihou.desk.jobs.models import Job

PAYMENTS = """payment_id,loan_id,paid_on,amount,branch,remark
Q1,L-1,2026-13-40,100.00,B01,=HYPERLINK("x")
Q2,L-1,2026-03-01,1.000005,B01,-5
Q3,,2026-03-01,10,B02,+cmd
Q4,L-1,2026-03-01
Q5,L-1,2026-03-01,abc,B02,'=kept
"""
"""Five rows, each bad in its own way."""


@pytest.fixture(scope="session")
def bad_batch(book: list[tuple[dt.date, dt.date]], tmp_path_factory: pytest.TempPathFactory) -> int:
    """A batch of payments of which every row is in quarantine."""
    path = tmp_path_factory.mktemp("bad") / "bad-payments.csv"
    path.write_text(PAYMENTS, "utf-8")
    today = business_date.open_business_date(settings.HOME, dt.datetime.now(dt.UTC))
    (report,) = deliver(settings.HOME, [path], "payments", today=today).files
    assert (report.new, sum(report.quarantined.values())) == (0, 5)
    return report.batch


def sent(browser: Any, table: str, content: bytes, name: str = "file.csv", **more: Any) -> Any:
    """The answer to a file sent to the drop zone."""
    return browser.post("/deliveries/upload/", {"table": table, "files": SimpleUploadedFile(name, content), **more})


def last_upload() -> Upload:
    """The upload made last."""
    found = Upload.objects.first()
    assert found is not None
    return found


def taken_in(job: Job) -> Report:
    """What the job's command would do: take the files in."""
    told = job.arguments
    known_on = told.get("known_on")
    return deliver(
        settings.HOME,
        [Path(path) for path in told["files"]],
        told["table"],
        today=business_date.open_business_date(settings.HOME, dt.datetime.now(dt.UTC)),
        mapping_file=Path(told["mapping"]) if told.get("mapping") else None,
        known_on="event" if known_on == "event" else dt.date.fromisoformat(known_on) if known_on else None,
        backfill=bool(told.get("backfill")),
    )


def body(response: Any) -> bytes:
    """The whole of an answer, streamed or not."""
    return b"".join(response.streaming_content) if response.streaming else response.content


def text(response: Any) -> str:
    """The same as text."""
    return body(response).decode("utf-8-sig")


def sheet(response: Any) -> list[list[Any]]:
    """The rows of an answer that is a workbook."""
    from python_calamine import CalamineWorkbook

    return CalamineWorkbook.from_filelike(io.BytesIO(body(response))).get_sheet_by_index(0).to_python()
