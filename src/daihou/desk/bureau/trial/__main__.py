"""`python -m daihou.desk.bureau.trial --port 8700 --share hang=0.1 --share decline=0.05`: the bureau as a process, until it is told to end."""

from __future__ import annotations

import argparse
import sys
import threading
from typing import get_args

from daihou.desk.bureau.trial.behaviour import Book, Fate, Manner
from daihou.desk.bureau.trial.server import Server
from daihou.runs.process import told_to_end


def asked(words: list[str]) -> tuple[Manner, int]:
    """How it is to behave, and its port; 0 for any that is free."""
    usual = Manner()
    parser = argparse.ArgumentParser(prog="python -m daihou.desk.bureau.trial", description=__doc__)
    parser.add_argument("--port", type=int, default=8700)
    parser.add_argument("--delay", type=float, default=usual.delay, help="seconds before it answers")
    parser.add_argument("--hangs", type=float, default=usual.hangs, help="seconds for which it hangs")
    parser.add_argument("--ready-after", type=float, default=usual.ready_after, help="seconds until a result is told")
    parser.add_argument("--cost", default=usual.cost, help="what a query costs")
    parser.add_argument("--date", default=usual.date, help="the day of the reports")
    parser.add_argument("--charges-twice", action="store_true", help="the same number is charged as often as it comes")
    parser.add_argument(
        "--share", action="append", default=[], metavar="FATE=SHARE", help=f"fates: {', '.join(get_args(Fate))}"
    )
    stated = parser.parse_args(words)
    shares: dict[Fate, float] = {}
    for one in stated.share:
        fate, _, share = one.partition("=")
        found = next((known for known in get_args(Fate) if known == fate), None)
        if found is None:
            parser.error(f"{fate} is no fate")
        shares[found] = float(share)
    manner = Manner(shares, stated.delay, stated.hangs, stated.ready_after, stated.cost, not stated.charges_twice, stated.date)  # fmt: skip
    return manner, stated.port


def main() -> None:
    """Serve until SIGTERM or Ctrl-C; the first line says where."""
    manner, port = asked(sys.argv[1:])
    with Server(Book(manner), port) as server:
        stop = told_to_end()
        threading.Thread(target=server.serve_forever).start()
        sys.stdout.write(f"http://127.0.0.1:{server.server_port}\n")
        sys.stdout.flush()
        stop.wait()
        server.shutdown()


if __name__ == "__main__":
    main()
