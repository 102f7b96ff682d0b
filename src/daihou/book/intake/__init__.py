"""Taking in a lender's files: read, mapped, checked, quarantined, committed once, never half."""

from daihou.book.intake.blinding import Blinder
from daihou.book.intake.deliver import deliver
from daihou.book.intake.journal import recover
from daihou.book.intake.report import Example, FileReport, Report
from daihou.book.intake.sinks import Kept, Sink

__all__ = ["Blinder", "Example", "FileReport", "Kept", "Report", "Sink", "deliver", "recover"]
