"""Text messages, through a gateway that speaks JSON over HTTP: `POST /messages`, and `GET /receipts` for what came of them."""

from __future__ import annotations

import http.client
import json
import ssl
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlencode

from django.conf import settings

from daihou.desk.contacts.channels.interface import only_for
from daihou.desk.contacts.troubles import Trouble
from daihou.desk.notices.handing import FailedError, UnclearError
from daihou.vault.normal_form import normal_form

if TYPE_CHECKING:
    from uuid import UUID

    from daihou.desk.contacts.channels.interface import Message
    from daihou.desk.contacts.contacting import Permit
    from daihou.desk.contacts.server import Gateway

SECONDS: Final = 20.0
"""How long the gateway may take to take a connection up, and to answer."""
MOST_BYTES: Final = 1 << 20
TAKEN: Final = range(200, 300)
CERTAINLY_NOT: Final = (*range(300, 500), http.client.SERVICE_UNAVAILABLE)
"""Answers that say that nothing was taken. Of other errors of a server nobody knows: it may have failed after it took the message."""
NO_SUCH_NUMBER: Final = "invalid_number"
"""What the gateway calls a number that reaches nobody."""


class Sms:
    """DAIHOU_SMS_URL. The number is the message's id at the gateway, and its receipt's."""

    code: Final = "sms"

    def ready(self) -> bool:
        """Whether there is a gateway."""
        return bool(settings.SMS_GATEWAY.host)

    def send(self, permit: Permit, to: str, message: Message, number: UUID) -> str:
        """Hand a text over; FailedError, UnclearError."""
        only_for(permit, self.code)
        if not self.ready():
            raise FailedError(Trouble.NO_SERVER)
        if not to:
            raise FailedError(Trouble.NO_ADDRESS)
        status, said = _ask(
            settings.SMS_GATEWAY,
            "POST",
            "/messages",
            {"id": str(number), "to": normal_form("phone", to), "text": message.text},
        )
        answer = f"{status} {said.get('error') or said.get('state') or ''}"
        if status in TAKEN:
            return answer
        if status not in CERTAINLY_NOT:
            raise UnclearError(Trouble.BROKE_OFF, answer)
        if status in (http.client.UNAUTHORIZED, http.client.FORBIDDEN):
            raise FailedError(Trouble.SIGN_IN, answer)
        wrong = said.get("error") == NO_SUCH_NUMBER
        raise FailedError(Trouble.ADDRESS if wrong else Trouble.REFUSED, answer, lasting=wrong)


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of a message that the gateway took: `state` is `delivered` or `failed`, `reason` why it failed."""

    number: str
    state: str
    reason: str


def receipts(gateway: Gateway, after: str) -> tuple[list[Receipt], str]:
    """The next receipts behind a cursor, and the cursor behind them; FailedError, UnclearError where the gateway does not tell."""
    status, said = _ask(gateway, "GET", f"/receipts?{urlencode({'after': after})}", None)
    if status not in TAKEN:
        raise FailedError(Trouble.REFUSED, str(status))
    try:
        found = [Receipt(str(one["id"]), str(one["state"]), str(one.get("reason", ""))) for one in said["receipts"]]
        return found, str(said["after"])
    except (KeyError, TypeError, AttributeError) as error:
        raise FailedError(Trouble.REFUSED, f"receipts: {error!r}") from error


def _ask(gateway: Gateway, method: str, path: str, body: dict[str, str] | None) -> tuple[int, dict[str, Any]]:
    """What the gateway answers: the status, and its JSON where it is an object."""
    connection: http.client.HTTPConnection = (
        http.client.HTTPSConnection(gateway.host, gateway.port, timeout=SECONDS, context=ssl.create_default_context())
        if gateway.tls
        else http.client.HTTPConnection(gateway.host, gateway.port, timeout=SECONDS)
    )
    headers = {"Content-Type": "application/json", "Accept": "application/json"}
    if gateway.token:
        headers["Authorization"] = f"Bearer {gateway.token}"
    with closing(connection):
        try:
            connection.connect()
        except ssl.SSLError as error:
            raise FailedError(Trouble.INSECURE, str(error)) from error
        except OSError as error:  # nothing was said yet, so nothing arrived
            raise FailedError(Trouble.UNREACHABLE, str(error)) from error
        try:
            content = None if body is None else json.dumps(body, ensure_ascii=False).encode()
            connection.request(method, gateway.path + path, content, headers)
            answer = connection.getresponse()
            read = answer.read(MOST_BYTES)
        except (OSError, http.client.HTTPException) as error:
            raise UnclearError(Trouble.BROKE_OFF, str(error) or type(error).__name__) from error
    try:
        said = json.loads(read)
    except ValueError:
        said = {}
    return answer.status, said if isinstance(said, dict) else {}
