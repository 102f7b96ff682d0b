"""Pieces of HTML. What is `Html` was escaped or made here; texts become it through `said` alone."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, NewType

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

Html = NewType("Html", str)
NOTHING = Html("")
NONE = Html('<span class="mark">–</span>')
"""What cannot be told, in a cell."""


def said(text: str) -> Html:
    """A text as it is shown."""
    return Html(escape(text))


def joined(parts: Iterable[Html], between: str = "\n") -> Html:
    """Pieces one after the other."""
    return Html(between.join(parts))


def element(tag: str, inner: Html, kind: str = "") -> Html:
    """An element with a class, where one is given."""
    stated = f' class="{kind}"' if kind else ""
    return Html(f"<{tag}{stated}>{inner}</{tag}>")


def section(number: int, key: str, title: str, *parts: Html) -> Html:
    """A numbered section that the contents lead to."""
    return Html(
        f'<section aria-labelledby="{key}">\n<h2 id="{key}">{number}. {said(title)}</h2>\n{joined(parts)}\n</section>'
    )


def table(head: Sequence[str], rows: Sequence[Sequence[Html]], words: int = 1, label: str = "") -> Html:
    """A table whose first columns are words and whose others are numbers. A row that is shorter than the head ends with a cell over the rest: why there is no more."""

    def kind(at: int) -> str:
        return "k" if at < words else "n"

    def row(cells: Sequence[Html]) -> Html:
        short = len(head) - len(cells)
        told = [f'<td class="{kind(at)}">{cell}</td>' for at, cell in enumerate(cells[:-1] if short else cells)]
        if short:
            told.append(f'<td class="why" colspan="{short + 1}">{cells[-1]}</td>')
        return Html(f"<tr>{''.join(told)}</tr>")

    heads = "".join(f'<th scope="col" class="{kind(at)}">{said(name)}</th>' for at, name in enumerate(head))
    name = f' aria-label="{said(label)}"' if label else ""
    return Html(
        f'<div class="wide"><table{name}><thead><tr>{heads}</tr></thead><tbody>\n{joined(row(cells) for cells in rows)}\n</tbody></table></div>'
    )


def pair(*parts: Html) -> Html:
    """Pictures, or a picture and its table, beside each other where there is room."""
    return Html(f'<div class="pair">{joined(Html(f"<div>{part}</div>") for part in parts)}</div>') if parts else NOTHING
