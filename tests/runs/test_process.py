"""A process that is told to end, whatever it is doing at that moment."""

from __future__ import annotations

import subprocess
import sys
from typing import Final

TOLD_AT_EACH_LINE: Final = """
import signal, sys, threading
from daihou.runs.process import told_to_end

def told_at(line):
    stop, passed = told_to_end(), 0

    def traced(frame, event, _):
        nonlocal passed
        if frame.f_globals.get("__name__") != "threading":
            return None
        if event == "line":
            passed += 1
            if passed == line:
                signal.raise_signal(signal.SIGTERM)
        return traced

    sys.settrace(traced)
    stop.wait(0.01)
    sys.settrace(None)
    assert passed < line or stop.wait(10)
    return passed >= line

line = 1
while told_at(line):
    line += 1
print(line - 1)
"""


def test_a_process_ends_at_whichever_line_of_its_waiting_it_is_told() -> None:
    told = subprocess.run(
        [sys.executable, "-c", TOLD_AT_EACH_LINE], capture_output=True, text=True, timeout=120, check=True
    )
    assert int(told.stdout) > 5
