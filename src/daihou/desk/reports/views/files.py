"""A report taken out as PDF or Word. Each time is logged with the version and its digest; with the whole name only for a stated purpose."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from daihou.desk import errors
from daihou.desk.access import needs
from daihou.desk.audit.log import record
from daihou.desk.files import keeping
from daihou.desk.files.errors import DamagedError, ErasedError
from daihou.desk.governance import labels
from daihou.desk.reports.choices import State
from daihou.desk.reports.document import document
from daihou.desk.reports.pdf import pdf
from daihou.desk.reports.views.one import found, page, stated
from daihou.desk.reports.word.made import docx
from daihou.desk.reviews.views.acts import REFUSED
from daihou.desk.vault.forms import PurposeForm
from daihou.desk.vault.portfolio_reach import in_reach
from daihou.desk.vault.uncovering import ACTION, TooOftenError, reveal

if TYPE_CHECKING:
    from django.http.response import HttpResponseBase

    from daihou.desk.asked import Asked

GONE: Final = 410
PDF: Final = "application/pdf"
WORD: Final = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


@needs("reports.view")
@require_GET
@never_cache
def as_pdf(request: Asked, number: int) -> HttpResponseBase:
    """The PDF: of an approved report the one that was printed then, else of what stands now."""
    report = found(request, number)
    if report.state == State.APPROVED:
        try:
            content = keeping.read(report.pdf.path, report.pdf_digest, report.borrower_id)
        except DamagedError:
            return page(request, report, trouble=_("The PDF is not what was kept. Tell an administrator."), status=GONE)
        except ErasedError:
            return page(request, report, trouble=_("It is about somebody who was erased. It opens to nobody any more."), status=GONE)  # fmt: skip
        record(request, "report.look", "inspection", report.number, {"digest": report.pdf_digest})
        return keeping.given(content, f"{report.number}.pdf", PDF, download=False)
    what = stated(report)
    content = pdf(document(report, what))
    record(
        request,
        "report.print",
        "inspection",
        report.number,
        {"format": "pdf", "version": what.version, "digest": what.digest},
    )
    return keeping.given(content, f"{report.number}.pdf", PDF, download=False)


@needs("reports.view")
@require_GET
@never_cache
def as_word(request: Asked, number: int) -> HttpResponseBase:
    """The report as Word, by the home's own template where it has one."""
    report = found(request, number)
    what = stated(report)
    content = docx(document(report, what))
    record(
        request,
        "report.print",
        "inspection",
        report.number,
        {"format": "word", "version": what.version, "digest": what.digest},
    )
    return keeping.given(content, f"{report.number}.docx", WORD)


@needs("person.reveal")
@require_POST
@never_cache
def with_name(request: Asked, number: int) -> HttpResponseBase:
    """A PDF with the whole name and id number, for a stated purpose; it is made for this answer, and not kept."""
    report = found(request, number)
    if not in_reach([report.borrower_id], request.rights.reach(ACTION)):
        record(request, "access.refused", "borrower", report.borrower_id, {"needs": ACTION})
        return errors.missing(request)
    form = PurposeForm(request.POST)
    if not form.is_valid():
        return page(request, report, trouble=_("Say what the name is needed for."), status=REFUSED, form=form)
    try:
        seen = reveal(
            request, report.borrower_id, ("name", "id_no"), form.cleaned_data["purpose"], form.cleaned_data["note"]
        )
    except TooOftenError as error:
        return page(request, report, trouble=" ".join(labels.told(error)), status=429, form=form)
    if seen is None:
        return page(request, report, trouble=_("The vault holds nobody of this number."), status=REFUSED, form=form)
    what = stated(report)
    content = pdf(document(report, what, person=seen.record))
    record(
        request, "report.print", "inspection", report.number,
        {"format": "pdf", "version": what.version, "digest": what.digest, "uncovered": seen.entry},
    )  # fmt: skip
    return keeping.given(content, f"{report.number}.pdf", PDF)
