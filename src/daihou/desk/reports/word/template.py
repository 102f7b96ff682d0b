"""The Word template that ships, made in code so that it is the same everywhere: A4, number and classification above, pages below, tables that repeat their heads.

`python -m daihou.desk.reports.word.template FILE` writes it to a file, for a home that wants its own: put it to `reports/inspection_zh.docx` or
`reports/inspection_en.docx` of the home. It holds places in the language of Jinja (docxtpl): `{{ … }}`, and `{%p … %}`, `{%tr … %}`, `{%tc … %}` for
paragraphs, rows and cells; docs/guides/reports.md lists what may be named.
"""

from __future__ import annotations

import sys
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from docx import Document
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_TAB_ALIGNMENT
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor

if TYPE_CHECKING:
    from docx.document import Document as Docx
    from docx.table import Table, _Cell, _Row
    from docx.text.paragraph import Paragraph

FONT: Final = "Noto Sans CJK SC"
LATIN: Final = "Arial"
WIDE, HIGH, SIDE, TOP = Mm(210), Mm(297), Mm(18), Mm(22)
TEXT_WIDE: Final = WIDE - 2 * SIDE
MUTED: Final = RGBColor(0x55, 0x62, 0x72)
SMALL: Final = Pt(8.5)


@cache
def shipped() -> bytes:
    """The template as a file of Word."""
    made = Document()
    _page(made)
    _head(made)
    _say(made, "{{ doc.title }}", size=Pt(18), bold=True, centred=True)
    _say(made, "{{ doc.name }}", size=Pt(12), centred=True)
    _pairs(made, "doc_pairs")
    _say(made, "{%p for section in sections %}")
    made.add_heading("{{ section.number }}{{ section.title }}", 1)
    _say(made, "{%p for line in section.paragraphs %}")
    _say(made, "{{ line }}")
    _say(made, "{%p endfor %}")
    _say(made, "{%p if section.empty %}")
    _say(made, "{{ labels.nothing_written }}", muted=True)
    _say(made, "{%p endif %}")
    _say(made, "{%p if section.part %}")
    _part(made)
    _say(made, "{%p endif %}")
    _say(made, "{%p if section.kind == 'conclusion' %}")
    _say(made, "{{ labels.grade }}{{ doc.grade }}    {{ labels.suggested }}{{ doc.suggested }}", bold=True)
    _say(made, "{%p for line in doc.grade_reason %}")
    _say(made, "{{ line }}")
    _say(made, "{%p endfor %}")
    _say(made, "{%p endif %}")
    _say(made, "{%p endfor %}")
    _signed(made)
    _pictures(made)
    found = BytesIO()
    made.save(found)
    return found.getvalue()


def _page(made: Docx) -> None:
    section = made.sections[0]
    section.page_width, section.page_height = WIDE, HIGH
    section.left_margin = section.right_margin = SIDE
    section.top_margin, section.bottom_margin = TOP, Mm(18)
    for name, size in (("Normal", Pt(10)), ("Heading 1", Pt(12.5)), ("Heading 2", Pt(10.5))):
        style: Any = made.styles[name]
        style.font.name, style.font.size = LATIN, size
        style.font.color.rgb = RGBColor(0x16, 0x21, 0x2C)
        fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
        for theme in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
            fonts.attrib.pop(qn(f"w:{theme}"), None)
        for script in ("ascii", "hAnsi", "cs"):
            fonts.set(qn(f"w:{script}"), LATIN)
        fonts.set(qn("w:eastAsia"), FONT)
        style.paragraph_format.space_after = Pt(4)
    made.styles["Heading 1"].paragraph_format.space_before = Pt(12)


def _head(made: Docx) -> None:
    section = made.sections[0]
    above = section.header.paragraphs[0]
    above.paragraph_format.tab_stops.add_tab_stop(TEXT_WIDE, WD_TAB_ALIGNMENT.RIGHT)
    _run(above, "{{ doc.number }} · {{ doc.state }}\t{{ doc.mark }}", size=SMALL, muted=True)
    below = section.footer.paragraphs[0]
    below.alignment = WD_ALIGN_PARAGRAPH.CENTER
    _field(below, "PAGE")
    _run(below, " / ", size=SMALL, muted=True)
    _field(below, "NUMPAGES")


def _part(made: Docx) -> None:
    _say(made, "{{ labels.source }}{{ section.part.source }}", size=SMALL, muted=True)
    _say(made, "{%p if section.part.missing %}")
    _say(made, "{{ section.part.missing }}")
    _say(made, "{%p endif %}")
    _say(made, "{%p if section.part.pairs %}")
    _pairs(made, "section.part.pairs")
    _say(made, "{%p endif %}")
    _say(made, "{%p for table in section.part.tables %}")
    _say(made, "{%p if table.title %}")
    made.add_heading("{{ table.title }}", 2)
    _say(made, "{%p endif %}")
    _grid(made)
    _say(made, "{%p endfor %}")
    _say(made, "{%p for note in section.part.notes %}")
    _say(made, "{{ note }}", muted=True)
    _say(made, "{%p endfor %}")


def _pairs(made: Docx, name: str) -> None:
    """Labels and values, a row each."""
    table = _table(made, 2, 3)
    _fill(table.rows[0].cells[0], f"{{%tr for pair in {name} %}}")
    _fill(table.rows[1].cells[0], "{{ pair[0] }}", muted=True)
    _fill(table.rows[1].cells[1], "{{ pair[1] }}")
    _fill(table.rows[2].cells[0], "{%tr endfor %}")
    _widths(table, (Mm(48), TEXT_WIDE - Mm(48)))
    made.add_paragraph().paragraph_format.space_after = Pt(0)


def _grid(made: Docx) -> None:
    """A table of as many columns as it has; its head is repeated on each page, numbers stand to the right."""
    table = _table(made, 3, 4)
    head, begin, body, end = table.rows
    _repeats(head)
    _loop(head, "head in table.heads", "{{ head.label }}", "{{ head.align }}", bold=True)
    _fill(begin.cells[0], "{%tr for row in table.rows %}")
    _loop(body, "cell in row", "{{ cell.text }}", "{{ cell.align }}")
    _fill(end.cells[0], "{%tr endfor %}")
    made.add_paragraph().paragraph_format.space_after = Pt(0)


def _loop(row: _Row, what: str, text: str, align: str, *, bold: bool = False) -> None:
    """A row whose middle cell is made once for each of something."""
    _fill(row.cells[0], f"{{%tc for {what} %}}")
    paragraph = _fill(row.cells[1], text, bold=bold)
    jc = OxmlElement("w:jc")
    jc.set(qn("w:val"), align)  # which way it stands is known when it is filled in
    paragraph._p.get_or_add_pPr().append(jc)  # noqa: SLF001 - python-docx names no alignment that is a place
    _fill(row.cells[2], "{%tc endfor %}")


def _signed(made: Docx) -> None:
    made.add_paragraph()
    table = _table(made, 3, 3)
    for at, row in enumerate(("{{ one.role }}", "{{ one.name }}", "{{ one.on }}")):
        _loop(table.rows[at], "one in doc.signed", row, "center", bold=at == 0)
    made.add_paragraph()


def _pictures(made: Docx) -> None:
    _say(made, "{%p if rows_of_pictures %}")
    made.add_heading("{{ labels.pictures }}", 1)
    _say(made, "{{ labels.source }}{{ doc.pictures_source }}", size=SMALL, muted=True)
    table = _table(made, 2, 3)
    _fill(table.rows[0].cells[0], "{%tr for pair in rows_of_pictures %}")
    for at in (0, 1):
        cell = table.rows[1].cells[at]
        _fill(cell, f"{{{{ pair[{at}].image }}}}").alignment = WD_ALIGN_PARAGRAPH.CENTER
        _run(cell.add_paragraph(), f"{{{{ pair[{at}].said }}}}", size=SMALL)
    _fill(table.rows[2].cells[0], "{%tr endfor %}")
    _widths(table, (TEXT_WIDE // 2, TEXT_WIDE // 2))
    _say(made, "{%p endif %}")


def _table(made: Docx, columns: int, rows: int) -> Table:
    table: Table = made.add_table(rows, columns, "Table Grid")
    table.alignment = WD_TABLE_ALIGNMENT.CENTER
    for row in table.rows:  # a row stays on one page
        _mark(row, "w:cantSplit")
    return table


def _widths(table: Table, widths: tuple[int, ...]) -> None:
    table.autofit = False
    for row in table.rows:
        for cell, width in zip(row.cells, widths, strict=True):
            cell.width = width


def _repeats(row: _Row) -> None:
    _mark(row, "w:tblHeader")


def _mark(row: _Row, name: str) -> None:
    row._tr.get_or_add_trPr().append(OxmlElement(name))  # noqa: SLF001 - python-docx has no name for it


def _fill(cell: _Cell, text: str, *, bold: bool = False, muted: bool = False) -> Paragraph:
    paragraph: Paragraph = cell.paragraphs[0]
    paragraph.paragraph_format.space_after = Pt(0)
    _run(paragraph, text, size=Pt(9), bold=bold, muted=muted)
    return paragraph


def _say(
    made: Docx, text: str, *, size: Pt | None = None, bold: bool = False, muted: bool = False, centred: bool = False
) -> None:  # fmt: skip
    paragraph = made.add_paragraph()
    if centred:
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    _run(paragraph, text, size=size, bold=bold, muted=muted)


def _run(paragraph: Paragraph, text: str, *, size: Pt | None = None, bold: bool = False, muted: bool = False) -> None:
    run = paragraph.add_run(text)
    run.bold = bold or None
    if size is not None:
        run.font.size = size
    if muted:
        run.font.color.rgb = MUTED


def _field(paragraph: Paragraph, name: str) -> None:
    """A field that Word fills in itself."""
    run = paragraph.add_run()
    run.font.size = SMALL
    for kind, text in (("begin", ""), ("", name), ("end", "")):
        mark = OxmlElement("w:fldChar" if kind else "w:instrText")
        if kind:
            mark.set(qn("w:fldCharType"), kind)
        else:
            mark.text = text
        run._r.append(mark)  # noqa: SLF001 - python-docx has no name for it


if __name__ == "__main__":
    Path(sys.argv[1]).write_bytes(shipped())
