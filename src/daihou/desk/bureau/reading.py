"""What a raw report says, by its mapping, held against whom it was asked about; or why it cannot be read."""

from __future__ import annotations

import datetime as dt
import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.conf import settings

from daihou.book.errors import DaihouError
from daihou.desk.bureau.mappings import mapping
from daihou.desk.bureau.people import enough, same_number
from daihou.reviews.queries.mapped import read_report

if TYPE_CHECKING:
    from daihou.desk.bureau.people import Whom


LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Told:
    """What a result keeps of it: `rows` or `trouble`, never both."""

    mapping_digest: str = ""
    of_bureau: str = ""
    queried_on: dt.date | None = None
    rows: dict[str, Any] | None = None
    trouble: dict[str, Any] | None = None

    @property
    def columns(self) -> dict[str, Any]:
        """By the names of the fields of a result."""
        return {
            "mapping_digest": self.mapping_digest, "of_bureau": self.of_bureau, "queried_on": self.queried_on, "rows": self.rows,
            "trouble": self.trouble,
        }  # fmt: skip


def told(raw: bytes, name: str, whom: Whom, today: dt.date, *, named: bool = False) -> Told:
    """What a report says by the mapping of a name; what is wrong with it is told, not raised: the raw report is kept all the same.

    `named`: it must say whom it is about, by enough digits; so must all that come from a bureau that is connected, where nobody looks before they are kept.
    """
    digest = ""
    try:
        by = mapping(name)
        digest = by.digest
        found = read_report(raw, by, today, settings.HOME.settings.base_currency)
        _check(found.id_no, whom, name, named=named)
    except DaihouError as error:
        return Told(digest, trouble=_trouble(error))
    except Exception as error:  # noqa: BLE001 - it was paid for: whatever is wrong with it, or with the reader, it is kept
        LOG.error("a report breaks the reader of mapping %s: %s", name, type(error).__name__)  # noqa: TRY400 - its text may hold what the report says
        return Told(digest, trouble=_trouble(_breaks(name, type(error).__name__)))
    rows = {"report": found.report, "lines": list(found.lines)}
    return Told(digest, found.number, dt.date.fromisoformat(found.report["queried_on"]), rows)


def _check(id_no: str, whom: Whom, name: str, *, named: bool) -> None:
    """DaihouError where a report is about somebody else, or must say whom it is about and does not."""
    if id_no and not same_number(id_no, whom.id_no):
        raise _somebody_else(name)
    if named and not enough(id_no, whom.id_no):
        raise _of_whom(name)


def _trouble(error: DaihouError) -> dict[str, Any]:
    zh, remedy = error.zh
    return {"en": [error.message, error.remedy], "zh": [zh, remedy], "place": error.place}


def _somebody_else(name: str) -> DaihouError:
    return DaihouError(
        "The report is about somebody else: its identity number is not that of the borrower.",
        "Tell the bureau. Nothing of it was taken in.",
        name,
        zh=("报告的证件号码与客户不一致，可能是他人报告。", "请联系征信机构；该报告未入库任何内容。"),
    )


def _of_whom(name: str) -> DaihouError:
    return DaihouError(
        "The report does not show whom it is about: fewer than four digits of its identity number.",
        "Ask the bureau to state it, and say in the mapping where it stands (id_no). Nothing of it was taken in.",
        name,
        zh=("报告未写明所属主体：证件号码可见数字不足四位。", "请让征信机构写明证件号码，并在映射中写明 id_no 的位置；该报告未入库任何内容。"),
    )  # fmt: skip


def _breaks(name: str, kind: str) -> DaihouError:
    return DaihouError(
        f"The report cannot be read, for a reason that nobody foresaw ({kind}).",
        "Keep it as it came, and tell who maintains daihou.",
        name,
        zh=(f"报告无法解析，原因未能识别（{kind}）。", "原始报告已保存，请联系系统维护人员。"),
    )
