"""The colours of charts: one ramp from sand to wine, in which later series are stronger."""

from __future__ import annotations

from typing import Final

RAMP: Final = ("#E3CFA4", "#D9A066", "#C0604A", "#7A1F3D")
INK: Final = "#1F2933"
MUTED: Final = "#66707A"
LINE: Final = "#E3E7EB"


def ramp(count: int) -> list[str]:
    """So many colours along the ramp, its ends included; of one the strongest."""
    if count == 1:
        return [RAMP[-1]]
    return [_at(place * (len(RAMP) - 1) / (count - 1)) for place in range(count)]


def _at(place: float) -> str:
    """The colour at a place between the stops, the first of which is at 0."""
    lower = min(int(place), len(RAMP) - 2)
    rest = place - lower
    parts = ((int(RAMP[lower][at : at + 2], 16), int(RAMP[lower + 1][at : at + 2], 16)) for at in (1, 3, 5))
    return "#" + "".join(f"{round(one + rest * (other - one)):02X}" for one, other in parts)
