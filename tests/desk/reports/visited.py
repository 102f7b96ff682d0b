"""A visit by the form that ships, with answers and pictures, for reports to be made of."""

from __future__ import annotations

import datetime as dt
import hashlib
from io import BytesIO
from typing import TYPE_CHECKING, Any

from django.utils import timezone
from PIL import Image, ImageDraw

from daihou.desk.files.fitness import Incoming
from daihou.desk.reviews import doing, sheets
from daihou.desk.reviews.choices import State
from daihou.desk.reviews.models import Review, Sheet
from desk.alerts.hands import asked

if TYPE_CHECKING:
    from daihou.desk.people.models import User
    from daihou.desk.reviews.models import Piece

TODAY = dt.date(2026, 3, 5)
ANSWERS: dict[str, Any] = {
    "met": "owner", "same_premises": True, "licence": "valid", "owner_change": False, "staff": 12, "wages": "on_time", "open": "half",
    "turnover": 18_200_000, "rent": "paid", "debts": ["private"], "debts_total": 90_000_000, "late_elsewhere": False, "lawsuits": False,
    "willingness": 4, "ability": 2, "next_source": "货款回笼", "opinion": "库存偏高，建议两个月内复查。",
}  # fmt: skip


def visit(borrower_id: str, owner: User, companion: User, *, org_id: str = "B01", officer_id: str = "O1") -> Sheet:
    """A regular inspection that is begun and filled in."""
    now = timezone.now()
    review = Review.objects.create(
        plan="regular", about="borrower", subject=borrower_id, anchor=f"never {borrower_id}", type="regular", site="on", form="regular", line=3,
        borrower_id=borrower_id, due_on=now.date(), planned_on=now.date(), planned_at=now, begun_at=now, state=State.BEGUN, owner=owner,
        org_id=org_id, officer_id=officer_id,
    )  # fmt: skip
    form = sheets.form_on("regular", now.date())
    return Sheet.objects.create(
        review=review, form=form.id, version=form.number, digest=form.digest, answers=dict(ANSWERS), previous={"turnover": 20_000_000}, saved_at=now,
        saved_by=owner, companion=companion, companion_at=now,
    )  # fmt: skip


def finished(sheet: Sheet) -> Review:
    """Its review once it is done."""
    now = timezone.now()
    Review.objects.filter(pk=sheet.review_id).update(state=State.DONE, ended_at=now, done_on=now.date())
    sheet.review.refresh_from_db()
    return sheet.review


def shot(colour: str, size: tuple[int, int] = (1600, 1200)) -> bytes:
    """A picture as a phone takes it."""
    image = Image.new("RGB", size, colour)
    draw = ImageDraw.Draw(image)
    for step in range(0, size[0], 97):
        draw.line((step, 0, size[0] - step, size[1]), fill="white", width=3)
    found = BytesIO()
    image.save(found, "JPEG", quality=88)
    return found.getvalue()


def attach(sheet: Sheet, content: bytes, shows: str, by: User) -> Piece:
    """A picture beside the question that asks for some."""
    question = sheets.form_of(sheet).question("premises")
    assert question is not None
    incoming = Incoming("shot.jpg", "image/jpeg", len(content), hashlib.sha256(content).hexdigest(), BytesIO(content))
    return doing.attach(sheet, question, shows, incoming, asked(by))
