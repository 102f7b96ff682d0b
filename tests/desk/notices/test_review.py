"""What a second look found at notices."""

from __future__ import annotations

from daihou.desk.notices import apprised


def test_no_address_makes_the_sender_wait_for_hours() -> None:
    for address in ("json://gateway.example/?rto=99999&cto=99999", "lark://abcdefgh?rto=99999"):
        service = apprised.opened(address, apprised.LENDERS)
        assert service.request_timeout == (apprised.SECONDS, apprised.SECONDS)
