"""Between payments: watches within a day, over events and money as they come. Their numbers are policy (`policies.between`)."""

from daihou.runs.stream.between.facts import TABLES, Facts
from daihou.runs.stream.between.watching import Between

__all__ = ["TABLES", "Between", "Facts"]
