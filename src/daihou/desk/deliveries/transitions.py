"""What becomes of an upload: received, mapped, given to intake, dropped. Each is recorded in the audit log."""

from __future__ import annotations

import datetime as dt
import shutil
import uuid
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from daihou.book import contracts
from daihou.book.errors import DaihouError
from daihou.book.intake.content import examine
from daihou.book.intake.preview import check_order
from daihou.desk.audit.log import record
from daihou.desk.deliveries import kinds, orders, repaired
from daihou.desk.deliveries.models import Upload, uploads_folder
from daihou.desk.deliveries.policy import KEPT_HOURS

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from daihou.desk.asked import Asked
    from daihou.desk.deliveries.receiving import StoredFile


def receive(
    request: Asked, key: uuid.UUID, table: str, sent: Sequence[StoredFile], mapping: str, options: dict[str, Any]
) -> Upload:
    """Keep files that were sent, once each was recognised; DaihouError where one is none that can be taken in."""
    declared = contracts.table(table)
    layout = orders.parsed_mapping(mapping, declared).layout
    files = [_found(file, layout.encoding) for file in sent]
    upload = Upload(
        id=key, user=request.user, at=timezone.now(), table=table, files=files, mapping=mapping, options=options
    )
    with transaction.atomic():
        upload.save(force_insert=True)
        record(request, "upload.receive", "upload", str(key), {"table": table, "files": _told(upload)})
    return upload


def _found(sent: StoredFile, encoding: str | None) -> dict[str, Any]:
    """What a file is; one that was downloaded from quarantine is put back into the sender's own columns."""
    name = sent.path.name
    kind = kinds.recognised(sent.path, name)
    path = sent.path.with_name(kinds.fitting_name(name, kind))
    sent.path.rename(path)
    try:
        content = examine(path, lambda _: None, encoding)
        is_download = repaired.is_download(content)
        if is_download:
            content = repaired.restored(content, path.with_name(f"{path.stem}.repaired.jsonl"))
    except DaihouError as error:
        error.place = name  # where it lies on our disk is nobody's business
        raise
    return {
        "name": name,
        "size": content.size,
        "sha256": content.sha256,
        "path": str(content.path.relative_to(settings.HOME.path)),
        "format": content.format,
        "encoding": content.encoding,
        "damaged": content.damaged,
        "quotes": content.quotes,
        "repaired": is_download,
    }


def _told(upload: Upload) -> list[dict[str, Any]]:
    return [{name: file[name] for name in ("name", "size", "sha256")} for file in upload.files]


def change_mapping(request: Asked, upload: Upload, text: str) -> None:
    """Take another mapping for an upload; DaihouError where it is none."""
    _still_waiting(upload)
    orders.parsed_mapping(text, contracts.table(upload.table))
    upload.mapping = text
    upload.save(update_fields=["mapping"])
    record(request, "upload.map", "upload", str(upload.pk), {"mapping": text})


def change_options(upload: Upload, options: dict[str, Any]) -> None:
    """Take other options for an upload; DaihouError where intake would refuse them."""
    _still_waiting(upload)
    upload.options = options
    check_order(orders.order(upload))
    upload.save(update_fields=["options"])


def take_in(request: Asked, upload: Upload) -> Any:
    """Start the job that takes an upload in, and answer its number; DaihouError where it was taken or dropped already."""
    from daihou.desk.jobs import transitions as jobs  # jobs know of no deliveries, and are needed here alone

    check_order(orders.order(upload))
    missing = [file["name"] for file in upload.files if not upload.path(file).is_file()]
    if missing:
        raise DaihouError(
            f"Files of the upload are gone: {', '.join(missing)}.",
            "Upload them again.",
            zh=(f"上传的文件已不在服务器上：{'、'.join(missing)}。", "请重新上传。"),
        )
    if any(column.becomes for column in contracts.table(upload.table).columns):
        _without_raw_texts(upload)
    if upload.mapping.strip():
        upload.mapping_path.write_text(upload.mapping, "utf-8")
    asked = {
        "table": upload.table,
        "files": [str(upload.path(file)) for file in upload.files],
        "mapping": str(upload.mapping_path) if upload.mapping.strip() else None,
        "known_on": upload.options.get("known_on") or None,
        "replace": bool(upload.options.get("replace")),
        "backfill": bool(upload.options.get("backfill")),
    }
    with transaction.atomic():
        waiting = Upload.objects.filter(pk=upload.pk, status=Upload.Status.WAITING)
        if waiting.update(status=Upload.Status.TAKEN, deliveries=" ".join(orders.deliveries(upload))) != 1:
            raise _gone()
        job = jobs.request("intake", asked, request.user, request)
        Upload.objects.filter(pk=upload.pk).update(job=str(job.pk))
        detail = {
            "table": upload.table,
            "files": _told(upload),
            "options": upload.options,
            "mapping": upload.mapping,
            "job": str(job.pk),
        }
        record(request, "upload.take", "upload", str(upload.pk), detail)
    return job.pk


def _without_raw_texts(upload: Upload) -> None:
    """Refuse what the preview refuses: the files of an upload stay in the home, and raw texts may not."""
    for number in range(len(upload.files)):
        refused = orders.look(upload, number).refused
        if refused is not None:
            raise refused


def drop(request: Asked, upload: Upload) -> None:
    """Forget an upload and delete its files; DaihouError where it was taken in."""
    if Upload.objects.filter(pk=upload.pk, status=Upload.Status.WAITING).update(status=Upload.Status.DROPPED) != 1:
        raise _gone()
    shutil.rmtree(upload.folder, ignore_errors=True)
    record(request, "upload.drop", "upload", str(upload.pk), {"table": upload.table, "files": _told(upload)})


def forget_abandoned(now: dt.datetime) -> int:
    """Drop uploads that nobody took in for a day, and what was left of broken ones; returns how many. Called with each upload."""
    before = now - dt.timedelta(hours=KEPT_HOURS)
    old = list(Upload.objects.filter(status=Upload.Status.WAITING, at__lt=before))
    for upload in old:
        if Upload.objects.filter(pk=upload.pk, status=Upload.Status.WAITING).update(status=Upload.Status.DROPPED):
            shutil.rmtree(upload.folder, ignore_errors=True)
            record(None, "upload.expire", "upload", str(upload.pk), {"table": upload.table, "files": _told(upload)})
    return len(old) + sum(_remove_if_broken(folder, before) for folder in _folders())


def _folders() -> list[Path]:
    return [path for path in uploads_folder().iterdir() if path.is_dir()] if uploads_folder().is_dir() else []


def _remove_if_broken(folder: Path, before: dt.datetime) -> int:
    """Remove a folder that no upload owns: the connection broke before the files were all there."""
    try:
        key = uuid.UUID(folder.name)
        if folder.stat().st_mtime >= before.timestamp() or Upload.objects.filter(pk=key).exists():
            return 0
    except (ValueError, OSError):
        return 0
    shutil.rmtree(folder, ignore_errors=True)
    return 1


def _still_waiting(upload: Upload) -> None:
    if not upload.waiting:
        raise _gone()


def _gone() -> DaihouError:
    return DaihouError(
        "This upload was taken in or dropped already.",
        "Upload the files again if they should be taken in once more.",
        zh=("该上传已导入或已放弃。", "如需再次导入，请重新上传文件。"),
    )
