"""What is said of a broken chain, on the page and on the command line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from daihou.desk.audit.verify import Kind

if TYPE_CHECKING:
    from daihou.desk.audit.verify import Break


def broken_text(broken: Break) -> str:
    """A break as a sentence, in the language in hand."""
    texts = {
        Kind.CHANGED: _("Link %(seq)s does not hold: entry %(entry)s is not what was sealed."),
        Kind.MISSING_ENTRY: _("Link %(seq)s does not hold: entry %(entry)s is missing."),
        Kind.MISSING_LINK: _("Link %(seq)s is missing, and its entry is no longer sealed."),
        Kind.TAIL_CUT: _("The end of the log was cut off: link %(seq)s was noted in audit.heads and is gone."),
        Kind.REWRITTEN: _("The chain was computed anew: link %(seq)s differs from what was noted in audit.heads."),
    }
    return texts[broken.kind] % {"seq": broken.seq, "entry": broken.entry_id or ""}
