"""The web server is killed while programs send: what was answered with 202 is in the log, once, also when all of it is sent again."""

from __future__ import annotations

import http.client
import json
import os
import random
import threading
import time
from collections import Counter
from contextlib import closing
from typing import TYPE_CHECKING, Any, Final

import pytest

from api.live import entered, served
from daihou.runs.log.log import Log

if TYPE_CHECKING:
    from pathlib import Path

    from api.live import Web

SENDERS: Final = 4
ROUNDS: Final = 20 if os.environ.get("DAIHOU_SOAK") else 1
ROWS: Final = 3


class Sending:
    """Programs that send until nobody answers, each request under a key of its own; what each was answered."""

    def __init__(self, token: str, name: str) -> None:
        self.token, self.name = token, name
        self.answered: dict[str, dict[str, Any]] = {}
        self.sent: list[str] = []
        self._alone = threading.Lock()

    def run(self, web: Web, seconds: float) -> None:
        """Send from several threads, and kill the server in the middle."""
        threads = [threading.Thread(target=self._send, args=(web.port, number)) for number in range(SENDERS)]
        for thread in threads:
            thread.start()
        time.sleep(seconds)
        web.kill()
        for thread in threads:
            thread.join()

    def _send(self, port: int, sender: int) -> None:
        with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=20)) as connection:
            for number in range(100_000):
                key = f"{self.name}-{sender}-{number}"
                with self._alone:
                    self.sent.append(key)
                try:
                    told = self.post(connection, key)
                except (OSError, http.client.HTTPException):
                    return
                with self._alone:
                    self.answered[key] = told

    def post(self, connection: http.client.HTTPConnection, key: str) -> dict[str, Any]:
        """Send the rows of a key; the answer, which must be that they are accepted."""
        rows = [
            {"payment_id": f"{key}-{row}", "loan_id": "L1", "paid_on": "2026-01-05", "amount": "1.00"}
            for row in range(ROWS)
        ]
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json", "Idempotency-Key": key}
        connection.request("POST", "/api/v1/facts/payments", json.dumps(rows), headers)
        with connection.getresponse() as response:
            told: dict[str, Any] = json.loads(response.read())
        assert response.status == 202, told
        return told


def kept(home: Path) -> dict[int, str]:
    """The payment at each place of the log."""
    found: dict[int, str] = {}
    log = Log(home / "log.sqlite3")
    parcels = log.read(0, 10_000_000)
    log.close()
    for held in parcels:
        for place, row in enumerate(held.rows()["payment_id"].to_pylist(), held.first):
            assert place not in found
            found[place] = row
    return found


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home without a book."""
    made = tmp_path / "home"
    made.mkdir()
    return made


def test_what_was_accepted_is_there_once_after_a_kill_and_after_sending_all_of_it_again(
    home: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    told, chance = entered(tmp_path_factory, home), random.Random(8)  # noqa: S311 - when it is killed is no secret
    for number in range(ROUNDS):
        sending = Sending(told["DAIHOU_TOKEN"], f"r{number}")
        with served(home, 2) as web:
            sending.run(web, 1.0 + chance.random())
        places = kept(home)
        assert sending.answered
        for key, answer in sending.answered.items():
            rows = [places[place] for place in range(answer["first"], answer["last"] + 1)]
            assert rows == [f"{key}-{row}" for row in range(ROWS)]
        with (
            served(home, 2) as web,
            closing(http.client.HTTPConnection("127.0.0.1", web.port, timeout=20)) as connection,
        ):
            for key in sending.sent:
                answer = sending.post(connection, key)
                assert answer == sending.answered.get(key, answer)
        ours = Counter(row for row in kept(home).values() if row.startswith(f"r{number}-"))
        assert ours == Counter({f"{key}-{row}": 1 for key in sending.sent for row in range(ROWS)})
