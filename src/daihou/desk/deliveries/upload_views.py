"""Pages of sending files: the drop zone, the look at what was sent, and the word that takes it in."""

from __future__ import annotations

import shutil
import uuid
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from daihou.book import contracts
from daihou.book.errors import DaihouError
from daihou.desk import errors
from daihou.desk.access import needs
from daihou.desk.audit.log import record
from daihou.desk.deliveries import matching, orders, quarantine, registers, transitions, wording
from daihou.desk.deliveries.models import Upload, uploads_folder
from daihou.desk.deliveries.policy import PREVIEW_ROWS, UPLOAD_BYTES, UPLOAD_FILES, uploadable
from daihou.desk.deliveries.receiving import ToDisk, TooLargeError, check_announced
from daihou.desk.deliveries.views import page

if TYPE_CHECKING:
    from collections.abc import Callable

    from daihou.book.contracts import Table
    from daihou.book.intake.preview import Preview
    from daihou.desk.asked import Asked

WRONG, TOO_LARGE = 400, 413
SHOWN_REJECTS = 50


def _whole_lender(request: Asked) -> bool:
    """Whether the user uploads for the whole lender: facts change everybody's loans."""
    return bool(request.rights.reach("deliveries.upload").everything)


@csrf_exempt  # the token is checked below, once it is known where the files go
@needs("deliveries.upload")
@require_http_methods(["GET", "HEAD", "POST"])
def upload(request: Asked) -> HttpResponse:
    """The drop zone; and files as they come in."""
    if not _whole_lender(request):
        return errors.forbidden(request)
    return _receive(request) if request.method == "POST" else _drop_zone(request)


def _drop_zone(request: Asked, problem: DaihouError | None = None, status: int = 200, **stated: Any) -> HttpResponse:
    chosen = stated.get("table") or request.GET.get("table", "")
    response = page(
        request,
        "upload",
        "upload",
        tables=[(name, wording.table(name), name == chosen) for name in uploadable()],
        limit=UPLOAD_BYTES,
        limit_mb=UPLOAD_BYTES >> 20,
        most_files=UPLOAD_FILES,
        problem=wording.error(problem) if problem else None,
        place=problem.place if problem else "",
        waiting=list(Upload.objects.filter(status=Upload.Status.WAITING).select_related("user")[:20]),
        **_options_shown(stated.get("options") or _options_from_batch(request)),
    )
    response.status_code = status
    return response


def _options_from_batch(request: Asked) -> dict[str, Any]:
    """The options of the batch whose rows come back, so that they are known on the same day."""
    stated = request.GET.get("batch", "")
    found = registers.batch(int(stated)) if stated.isdecimal() and len(stated) < 18 else None
    return {"known_on": found.known_on, "backfill": found.backfill} if found else {}


def _options_shown(options: dict[str, Any]) -> dict[str, Any]:
    known_on = options.get("known_on") or ""
    return {
        "known": "event" if known_on == "event" else "date" if known_on else "",
        "known_on": "" if known_on == "event" else known_on,
        "replace": bool(options.get("replace")),
        "backfill": bool(options.get("backfill")),
        "today": orders.today(),
    }


def _options(request: Asked) -> dict[str, Any]:
    """The options as the form states them."""
    known = request.POST.get("known", "")
    known_on = request.POST.get("known_on", "").strip() if known == "date" else known
    return {
        "known_on": known_on,
        "replace": request.POST.get("replace") == "1",
        "backfill": request.POST.get("backfill") == "1",
    }


def _receive(request: Asked) -> HttpResponse:
    """Take files onto the disk; whatever goes wrong, nothing of them stays."""
    key = uuid.uuid4()
    folder = uploads_folder() / str(key)
    try:
        check_announced(request, settings.HOME.path)
        transitions.forget_abandoned(timezone.now())
        request.upload_handlers = [ToDisk(request, folder)]
        response = csrf_protect(_received)(request, key)
    except DaihouError as error:
        shutil.rmtree(folder, ignore_errors=True)
        status = TOO_LARGE if isinstance(error, TooLargeError) else WRONG
        record(request, "upload.refuse", "upload", str(key), {"why": error.message, "file": error.place})
        # What was read of a form that was stopped half way is not asked for again.
        return _drop_zone(request, error, status)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    if not Upload.objects.filter(pk=key).exists():
        shutil.rmtree(folder, ignore_errors=True)
    return response


def _received(request: Asked, key: uuid.UUID) -> HttpResponse:
    table = request.POST.get("table", "")
    sent = request.FILES.getlist("files")
    if table not in uploadable():
        raise DaihouError(
            "No table was chosen.",
            "Choose which facts the files hold.",
            zh=("未选择数据表。", "请选择文件对应的数据表。"),
        )
    if not sent:
        raise DaihouError(
            "No file was chosen.", "Drop files, or choose them.", zh=("未选择文件。", "请拖入或选择文件。")
        )
    if len(sent) > UPLOAD_FILES:
        raise DaihouError(
            f"More than {UPLOAD_FILES} files.",
            "Send them in parts.",
            zh=(f"文件超过 {UPLOAD_FILES} 个。", "请分次上传。"),
        )
    found = transitions.receive(request, key, table, sent, _mapping_text(request), _options(request))  # type: ignore[arg-type]
    return redirect("upload_preview", found.pk)


def _mapping_text(request: Asked) -> str:
    """The mapping file sent along, as text."""
    sent: Any = request.FILES.get("mapping")
    if sent is None:
        return ""
    try:
        return str(sent.path.read_text("utf-8-sig"))
    except UnicodeDecodeError:
        raise DaihouError(
            "The mapping file is no UTF-8 text.",
            "Save it as UTF-8, or leave it out and match the columns on the next page.",
            sent.name,
            zh=("映射文件不是 UTF-8 文本。", "请另存为 UTF-8，或不上传映射文件而在下一页匹配字段。"),
        ) from None


def _found(request: Asked, key: uuid.UUID) -> Upload:
    """An upload to work on; 404 where there is none."""
    found = Upload.objects.select_related("user").filter(pk=key).first()
    if found is None or not _whole_lender(request):
        raise Http404
    return found


@needs("deliveries.upload")
@require_GET
def preview(request: Asked, key: uuid.UUID) -> HttpResponse:
    """What was sent: its kind, its first rows, how its columns match, and what would go to quarantine."""
    return _preview(request, _found(request, key))


def _preview(
    request: Asked, upload: Upload, problem: DaihouError | None = None, text: str | None = None
) -> HttpResponse:
    stated = request.GET.get("file", "1")
    number = min(max(int(stated) if stated.isdecimal() and len(stated) < 4 else 1, 1), len(upload.files))
    context: dict[str, Any] = {
        "upload": upload,
        "table": contracts.table(upload.table),
        "meaning": wording.table(upload.table),
        "file": upload.files[number - 1],
        "number": number,
        "mapping": upload.mapping if text is None else text,
        "problem": wording.error(problem) if problem else None,
        "job": job_address(upload.job),
        **_options_shown(upload.options),
    }
    if upload.waiting:
        try:
            context |= _looked(upload, number - 1)
        except DaihouError as error:
            context["unreadable"] = wording.error(error)
    response = page(request, "preview", "upload", **context)
    response.status_code = WRONG if problem else 200
    return response


def _looked(upload: Upload, number: int) -> dict[str, Any]:
    declared = contracts.table(upload.table)
    found = orders.look(upload, number)
    rejects = found.rejects.to_pylist() if found.rejects is not None else []
    delivery = orders.deliveries(upload)[number]
    before = registers.same_delivery(delivery)
    return {
        "found": found,
        "delimiter": _delimiter_name(found),
        "encoding": found.content.encoding.upper(),
        "matches": matching.matches(declared, found, upload.mapping),
        "missing": [
            (name, wording.column(declared.name, name)) for name in declared.required if name in found.how.absent
        ],
        "sample": _sample(found),
        "by_reason": _by_reason(rejects),
        "rejects": [quarantine.bad_row(row) for row in rejects[:SHOWN_REJECTS]],
        "refused_because": wording.error(found.refused) if found.refused else None,
        "good": found.judged - len(rejects),
        "before": before[0] if before else None,
        "has_query": orders.order(upload).mapping.select is not None,
        "own_on_missing": declared.own_on is None,
    }


def _delimiter_name(found: Preview) -> str:
    names = {
        ",": pgettext("delimiter", "comma"), "\t": pgettext("delimiter", "tab"),
        ";": pgettext("delimiter", "semicolon"), "|": pgettext("delimiter", "bar"),
    }  # fmt: skip
    return names.get(found.delimiter or "", found.delimiter or "")


def _sample(found: Preview) -> list[tuple[int, list[str]]]:
    """The first rows as sent, each with its line."""
    rows = found.cells.head(PREVIEW_ROWS).rows()
    return [(line, [text or "" for text in row]) for line, row in zip(found.lines.tolist(), rows, strict=False)]


def _by_reason(rejects: list[dict[str, Any]]) -> list[tuple[str, str, int]]:
    counts: dict[str, int] = {}
    for row in rejects:
        counts[row["reason"]] = counts.get(row["reason"], 0) + 1
    return [(code, wording.reason(code), rows) for code, rows in sorted(counts.items(), key=lambda pair: -pair[1])]


def job_address(job: str) -> str:
    """Where a job is shown; the list of jobs while there is no page of one."""
    if not job:
        return ""
    try:
        return reverse("job", args=[job])
    except NoReverseMatch:
        return reverse("jobs")


def _changed(request: Asked, key: uuid.UUID, change: Callable[[Upload], str], text: str | None = None) -> HttpResponse:
    """Change an upload and show it; what cannot be done is told on the same page."""
    upload = _found(request, key)
    try:
        told = change(upload)
    except DaihouError as error:
        upload.refresh_from_db()
        return _preview(request, upload, error, text)
    messages.success(request, told)
    return redirect(f"{reverse('upload_preview', args=[key])}?file={request.POST.get('file', '1')}")


@needs("deliveries.upload")
@require_POST
def match(request: Asked, key: uuid.UUID) -> HttpResponse:
    """Take the mapping that the choices on the page come to."""

    def change(upload: Upload) -> str:
        stated = request.POST.get("file", "1")
        number = int(stated) - 1 if stated.isdecimal() and 0 < int(stated) <= len(upload.files) else 0
        declared: Table = contracts.table(upload.table)
        names = orders.look(upload, number).names
        chosen = {name: value for name, value in request.POST.items() if isinstance(value, str)}
        transitions.change_mapping(request, upload, matching.mapping_of(declared, names, chosen, upload.mapping))
        return _("The columns are matched as you chose.")

    return _changed(request, key, change)


@needs("deliveries.upload")
@require_POST
def write_mapping(request: Asked, key: uuid.UUID) -> HttpResponse:
    """Take a mapping written by hand."""
    text = request.POST.get("mapping", "").replace("\r\n", "\n")

    def change(upload: Upload) -> str:
        transitions.change_mapping(request, upload, text)
        return _("The mapping was taken over.")

    return _changed(request, key, change, text)


@needs("deliveries.upload")
@require_GET
def mapping_file(request: Asked, key: uuid.UUID) -> HttpResponse:
    """The mapping as a file, for `daihou intake --mapping` or the next upload."""
    upload = _found(request, key)
    text = upload.mapping or f"table: {upload.table}\n"
    headers = {"Content-Disposition": f'attachment; filename="{upload.table}-mapping.yaml"'}
    return HttpResponse(text, content_type="application/yaml; charset=utf-8", headers=headers)


@needs("deliveries.upload")
@require_POST
def check(request: Asked, key: uuid.UUID) -> HttpResponse:
    """Take other options, and look again."""

    def change(upload: Upload) -> str:
        transitions.change_options(upload, _options(request))
        return _("Checked again with these options.")

    return _changed(request, key, change)


@needs("deliveries.upload")
@require_POST
def take(request: Asked, key: uuid.UUID) -> HttpResponse:
    """Start the job that takes the files in, and go to it."""
    upload = _found(request, key)
    try:
        transitions.change_options(upload, _options(request))
        job = transitions.take_in(request, upload)
    except DaihouError as error:
        upload.refresh_from_db()
        return _preview(request, upload, error)
    return redirect(job_address(str(job)))


@needs("deliveries.upload")
@require_POST
def drop(request: Asked, key: uuid.UUID) -> HttpResponse:
    """Forget the files."""
    upload = _found(request, key)
    transitions.drop(request, upload)
    messages.success(request, _("The files were dropped; nothing was taken in."))
    return redirect("upload")
