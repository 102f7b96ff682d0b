"""The row of a borrower: its loans in all, the families of the borrower beside them, and the market's."""

from __future__ import annotations

from typing import Final

import polars as pl
import pyarrow as pa

from daihou.monitoring.families import OF_BORROWER
from daihou.monitoring.market.family import MARKET
from daihou.runs.rollups import KINDS

MEASURES: Final = tuple(measure for family in (*OF_BORROWER, MARKET) for measure in family.measures)
SCHEMA: Final = pa.schema([(measure.name, KINDS[measure.unit]) for measure in MEASURES])
"""Of table borrower_snapshots. Amounts are int64 minor units of the home's base currency."""
FRAME: Final = pl.Schema(SCHEMA)
"""The same columns in a frame."""
