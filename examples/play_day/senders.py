"""The two ways in: HTTP, with an answer to each request, and Kafka, where a feed brings what was sent into the log."""

from __future__ import annotations

import http.client
import json
import time
import uuid
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Protocol
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Sequence

TRIES: Final = 20
"""A request that is told to wait is sent again so often."""
MOST_WAIT_SECONDS: Final = 30.0
MOCK: Final = "kafka"
TOPIC: Final = "facts"


@dataclass(slots=True)
class Sent:
    """What was sent, and what was answered."""

    rows: Counter[str] = field(default_factory=Counter)
    """By table."""
    requests: int = 0
    accepted: int = 0
    rejected: int = 0
    waits: int = 0
    """How often it was told to wait."""
    milliseconds: list[float] = field(default_factory=list)
    """What each request took."""
    errors: Counter[str] = field(default_factory=Counter)
    """Why rows were refused."""
    places: list[tuple[int, int]] = field(default_factory=list)
    """In the log."""


class Sender(Protocol):
    """Sends rows of one table, and says at last what came of all of them."""

    sent: Sent

    def send(self, table: str, rows: Sequence[dict[str, Any]]) -> None:
        """Send them, in order."""
        ...

    def close(self) -> None:
        """Wait until all is there."""
        ...


class ByHttp:
    """To `/api/v1/facts/TABLE`, over one connection; a request that failed is sent again under the same key, so that it counts once."""

    def __init__(self, address: str, token: str) -> None:
        self._split = urlsplit(address)
        self._token = token
        self._connection = self._connected()
        self.sent = Sent()

    def send(self, table: str, rows: Sequence[dict[str, Any]]) -> None:
        """Send rows and note the answer; SystemExit where the server will not have them."""
        body = json.dumps(rows[0] if len(rows) == 1 else list(rows), ensure_ascii=False).encode()
        key = str(uuid.uuid4())
        for _ in range(TRIES):
            status, wait, answer = self._post(table, body, key)
            if status in (429, 503) or status == 0:
                self.sent.waits += 1
                time.sleep(min(wait, MOST_WAIT_SECONDS))
                continue
            if status not in (202, 422):
                raise SystemExit(f"{status}: {answer.get('detail') or answer}")
            self.sent.rows[table] += len(rows)
            self.sent.accepted += answer.get("accepted", 0)
            self.sent.rejected += answer.get("rejected", len(rows) if status == 422 else 0)
            self.sent.errors.update(str(one.get("message_en") or one.get("reason")) for one in answer.get("errors", ()))
            if answer.get("accepted"):
                self.sent.places.append((answer["first"], answer["last"]))
            return
        raise SystemExit("The server had no room for it in all this time.")

    def close(self) -> None:
        """Close the connection: what was answered is on the disk."""
        self._connection.close()

    def _post(self, table: str, body: bytes, key: str) -> tuple[int, float, dict[str, Any]]:
        """Status, seconds to wait and answer; status 0 where there was none."""
        head = {"Authorization": f"Bearer {self._token}", "Content-Type": "application/json", "Idempotency-Key": key}
        began = time.perf_counter()
        try:
            self._connection.request("POST", f"{self._split.path.rstrip('/')}/api/v1/facts/{table}", body, head)
            response = self._connection.getresponse()
            text = response.read()
        except (OSError, http.client.HTTPException):
            self._connection.close()
            self._connection = self._connected()
            return 0, 1.0, {}
        self.sent.milliseconds.append((time.perf_counter() - began) * 1000)
        self.sent.requests += 1
        answer = (
            json.loads(text)
            if "json" in response.headers.get("Content-Type", "")
            else {"detail": text[:200].decode("utf-8", "replace")}
        )
        return response.status, float(response.headers.get("Retry-After") or 1), answer

    def _connected(self) -> http.client.HTTPConnection:
        secure = self._split.scheme == "https"
        kind = http.client.HTTPSConnection if secure else http.client.HTTPConnection
        return kind(self._split.hostname or "localhost", self._split.port, timeout=30)


class ByKafka:
    """To a topic, each message with its table in a header and keyed by what it is about, so that facts of one loan stay in order.

    `kafka` alone stands for brokers made here, in this process: a play, for trying out.
    """

    def __init__(self, address: str) -> None:
        from confluent_kafka import Producer

        split = urlsplit(address)
        mock = address == MOCK
        self.topic = split.path.strip("/") or TOPIC if not mock else TOPIC
        where: dict[str, Any] = (
            {"test.mock.num.brokers": 1, "log_level": 2} if mock else {"bootstrap.servers": split.netloc}
        )
        self._producer = Producer({**where, "linger.ms": 5, "enable.idempotence": not mock})
        listed = self._producer.list_topics(timeout=10).brokers.values()
        self.brokers = ",".join(f"{one.host}:{one.port}" for one in listed) if mock else split.netloc
        self.sent = Sent()

    @property
    def source(self) -> str:
        """What `daihou stream --source` reads it by."""
        return f"kafka://{self.brokers}/{self.topic}"

    def send(self, table: str, rows: Sequence[dict[str, Any]]) -> None:
        """Hand rows to the producer; how they arrive, it says later."""
        for row in rows:
            key = str(row.get("loan_id") or row.get("account_id") or next(iter(row.values())))
            body = json.dumps(row, ensure_ascii=False).encode()
            while True:
                try:
                    self._producer.produce(self.topic, body, key, headers={"table": table}, on_delivery=self._arrived)
                    break
                except BufferError:  # more waits here than it holds
                    self._producer.poll(0.1)
            self._producer.poll(0)
        self.sent.rows[table] += len(rows)

    def close(self) -> None:
        """Wait until the brokers have all of it."""
        self._producer.flush(60)

    def _arrived(self, error: Any, _message: Any) -> None:
        if error is None:
            self.sent.accepted += 1
        else:
            self.sent.rejected += 1
            self.sent.errors[error.str()] += 1
