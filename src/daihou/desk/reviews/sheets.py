"""The forms of reviews as the desk asks for them: the home's own file, else the one that ships; read again when a file of the home changes."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from django.conf import settings

from daihou.book.errors import DaihouError
from daihou.desk.governance import labels
from daihou.monitoring.families import FAMILIES
from daihou.profiles.forms import VOCABULARY, shipped_findings, shipped_forms
from daihou.reviews.forms.findings import read_findings
from daihou.reviews.forms.reading import read

if TYPE_CHECKING:
    import datetime as dt
    from pathlib import Path

    from daihou.desk.reviews.models import Sheet
    from daihou.reviews.forms.form import Form, Forms


def form_on(code: str, day: dt.date) -> Form:
    """The version of a form in force on a day; DaihouError where there is none."""
    return _forms(code).on(day)


def form_of(sheet: Sheet) -> Form:
    """The version that a sheet began with; DaihouError where the file has it no more, or changed it."""
    forms = _forms(sheet.form)
    form = forms.numbered(sheet.version)
    if form.digest != sheet.digest:
        raise DaihouError(
            f"Version {sheet.version} of form {sheet.form} was changed after this review began.",
            "Restore the version in the file, and add what is new as another version.",
            forms.place,
            zh=(
                f"检查表 {sheet.form} 的版本 {sheet.version} 在本次检查开始后被改动。",
                "请在文件中恢复该版本，新内容另立新版本。",
            ),
        )
    return form


def title(code: str) -> str:
    """What a form is called; its code where no file holds it."""
    try:
        return _forms(code).versions[-1].values.title.of(chinese=labels.chinese())
    except DaihouError:
        return code


def _forms(code: str) -> Forms:
    folder = settings.HOME.path / "forms"
    own, words = folder / f"{code}.yaml", folder / f"{VOCABULARY}.yaml"
    return _read(code, own, _changed(own), words, _changed(words))


def _changed(path: Path) -> int:
    return path.stat().st_mtime_ns if path.exists() else 0


@lru_cache(maxsize=64)
def _read(code: str, own: Path, own_changed: int, words: Path, words_changed: int) -> Forms:
    vocabulary = read_findings(
        words.read_text("utf-8") if words_changed else shipped_findings(), str(words) if words_changed else VOCABULARY
    )
    text = own.read_text("utf-8") if own_changed else shipped_forms().get(code)
    if text is None:
        raise DaihouError(
            f"There is no form {code}.",
            "Write it to the folder forms of the home, or name one that ships: " + ", ".join(shipped_forms()) + ".",
            str(own),
            zh=(
                f"没有检查表 {code}。",
                "请在 home 的 forms 文件夹中编写，或改用随附的检查表：" + "、".join(shipped_forms()) + "。",
            ),
        )
    measures = {measure.name for family in FAMILIES for measure in family.measures}
    return read(text, str(own) if own_changed else f"{code}.yaml", vocabulary, measures=measures)
