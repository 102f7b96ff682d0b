"""Bureaus as the settings name them: what may be their address."""

from __future__ import annotations

import pytest

from daihou.book.bureaus import Bureau, read_bureaus


def read(url: str) -> Bureau:
    return read_bureaus({"pbc": {"mapping": "plain_json", "url": url}})[0]


@pytest.mark.parametrize(
    "url",
    [
        "https://bureau.example.com/v1", "https://bureau:8443", "https://10.0.0.7/v1", "https://[fd00::7]:8443/v1", "http://localhost:8700", "http://127.0.0.1:8700/v1",
        "http://[::1]:8700",
    ],
)  # fmt: skip
def test_an_address_is_encrypted_or_this_machine(url: str) -> None:
    assert read(url).url == url


@pytest.mark.parametrize(
    "url",
    [
        "http://bureau.example.com/v1", "http://10.0.0.7", "https://user:secret@bureau.example.com", "https://:secret@bureau.example.com",
        "https://@bureau.example.com", "https://a..b", "https://bureau.example.com/v€", "https://bureau.example.com/a b",
        "https://bureau.example.com?x=1", "https://bureau.example.com#x", "https://", "ftp://bureau.example.com", "https://bureau.example.com:0",
    ],
)  # fmt: skip
def test_anything_else_is_no_address(url: str) -> None:
    with pytest.raises(ValueError, match="no address"):
        read(url)
