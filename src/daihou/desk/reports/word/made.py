"""A report as Word, by docxtpl: the home's own template, else the one that ships. What is filled in is text, whatever it looks like: it is never read as a template."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING, Any, Final
from zipfile import BadZipFile

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from docx.opc.exceptions import PackageNotFoundError
from docx.shared import Mm
from docxtpl import DocxTemplate, InlineImage
from jinja2 import StrictUndefined, TemplateError
from jinja2.sandbox import SandboxedEnvironment

from daihou.book.errors import DaihouError
from daihou.desk.reports.choices import PARTS
from daihou.desk.reports.word.template import shipped

if TYPE_CHECKING:
    from pathlib import Path

    from daihou.desk.reports.document import Document, Section, Shot

PICTURE_WIDE: Final = Mm(78)
PICTURE_HIGH: Final = Mm(92)


def docx(document: Document) -> bytes:
    """The document as a file of Word; DaihouError names a template of the home that cannot be filled in."""
    place = own(document.language)
    with translation.override(document.language):
        try:
            return _filled(BytesIO(place.read_bytes() if place else shipped()), document)
        except (
            TemplateError, PackageNotFoundError, BadZipFile, SyntaxError, KeyError, ValueError, TypeError, AttributeError,
        ) as error:  # fmt: skip
            if place is None:
                raise
            raise DaihouError(
                f"The template {place.name} cannot be filled in: {error}.",
                "Correct it, or take it away: then the one that ships is used.",
                str(place),
                zh=(f"模板 {place.name} 无法填充：{error}。", "请更正模板；删除后使用随附模板。"),
            ) from error


def own(language: str) -> Path | None:
    """The home's own template in a language; None where it has none."""
    place: Path = settings.HOME.path / "reports" / f"inspection_{'zh' if language.startswith('zh') else 'en'}.docx"
    return place if place.exists() else None


def _filled(file: BytesIO, document: Document) -> bytes:
    template = DocxTemplate(file)
    environment = SandboxedEnvironment(autoescape=True, undefined=StrictUndefined)
    template.render(_context(template, document), environment, autoescape=True)
    found = BytesIO()
    template.save(found)
    return found.getvalue()


def _context(template: DocxTemplate, document: Document) -> dict[str, Any]:
    """What a template may name."""
    known = _("known on %(day)s") % {"day": document.known_on}
    colon = pgettext("between a label and its value", ": ")
    sections = [_section(one) for one in document.sections]
    return {
        "doc": document, "sections": sections, "of": {one["id"]: one for one in sections},
        "doc_pairs": [
            (_("Borrower"), f"{document.name} · {document.borrower_id}"), (_("Org"), document.org or "–"), (pgettext("of a report", "Review"), document.review),
            (_("Data of"), f"{document.as_of} · {known}"), (_("Figures taken at"), document.gathered_at),
            (pgettext("of a report", "Version"), f"{document.version} · {document.digest[:16]}"),
        ],
        "labels": {
            "source": _("Source") + colon, "grade": _("Grade") + colon, "suggested": _("Suggested") + colon, "nothing_written": _("Nothing is written here yet."),
            "pictures": str(PARTS["pictures"]),
        },
        "rows_of_pictures": [
            (_picture(template, one), _picture(template, other)) for one, other in document.pairs_of_shots
        ],
    }  # fmt: skip


def _section(section: Section) -> dict[str, Any]:
    part = section.part
    return {
        "id": section.id, "kind": section.kind, "title": section.title, "number": section.number, "paragraphs": section.paragraphs,
        "empty": part is None and not section.paragraphs, "part": None if part is None else {**part, "tables": [_table(one) for one in part["tables"]]},
    }  # fmt: skip


def _table(table: dict[str, Any]) -> dict[str, Any]:
    ways = ["right" if numeric else "left" for _label, numeric in table["heads"]]
    return {
        "title": table["title"],
        "heads": [{"label": label, "align": way} for (label, _numeric), way in zip(table["heads"], ways, strict=True)],
        "rows": [[{"text": cell, "align": way} for cell, way in zip(row, ways, strict=True)] for row in table["rows"]],
    }


def _picture(template: DocxTemplate, shot: Shot | None) -> dict[str, Any]:
    """A picture with what is said of it; empty beside the last of an odd number."""
    if shot is None:
        return {"image": "", "said": ""}
    picture = shot.picture
    said = f"{picture.label} · {picture.at} · {picture.by} · SHA-256 {picture.digest}"
    if picture.jpeg is None:
        return {"image": picture.said, "said": said}
    size = {"width": PICTURE_WIDE} if picture.wide >= picture.high else {"height": PICTURE_HIGH}
    return {"image": InlineImage(template, BytesIO(picture.jpeg), **size), "said": said}
