"""`python -m daihou.desk.contacts.gateway --port 8600 --delay 0.2 --fail 0.1`: the gateway as a process, until it is told to end."""

from __future__ import annotations

import argparse
import sys
import threading

from daihou.desk.contacts.gateway.behaviour import Book, Manner
from daihou.desk.contacts.gateway.server import Server
from daihou.runs.process import told_to_end


def asked(words: list[str]) -> tuple[Manner, int]:
    """How it is to behave, and its port; 0 for any that is free."""
    usual = Manner()
    parser = argparse.ArgumentParser(prog="python -m daihou.desk.contacts.gateway", description=__doc__)
    parser.add_argument("--port", type=int, default=8600)
    parser.add_argument("--delay", type=float, default=usual.delay, help="seconds before it answers")
    parser.add_argument("--fail", type=float, default=usual.fail, help="share that is refused with 503")
    parser.add_argument(
        "--drop-before",
        type=float,
        default=usual.drop_before,
        help="share of connections closed before the message is taken",
    )
    parser.add_argument(
        "--drop-after",
        type=float,
        default=usual.drop_after,
        help="share of connections closed after the message was taken",
    )
    parser.add_argument(
        "--undelivered", type=float, default=usual.undelivered, help="share that is taken and never delivered"
    )
    parser.add_argument(
        "--receipt-delay", type=float, default=usual.receipt_delay, help="seconds until a receipt is told"
    )
    parser.add_argument(
        "--wrong", action="append", default=[], metavar="NUMBER", help="a number that reaches nobody; may be repeated"
    )
    parser.add_argument("--delivers-twice", action="store_true", help="the same id is delivered as often as it comes")
    stated = parser.parse_args(words)
    manner = Manner(
        delay=stated.delay, fail=stated.fail, drop_before=stated.drop_before, drop_after=stated.drop_after, undelivered=stated.undelivered,
        receipt_delay=stated.receipt_delay, idempotent=not stated.delivers_twice, wrong=frozenset(stated.wrong),
    )  # fmt: skip
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
