"""Secrets of second factors are sealed."""

from __future__ import annotations

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal import auth as totp

from daihou.book.errors import DaihouError
from daihou.desk.people.models import User
from daihou.desk.people.second_factor import Adapter


def test_the_secret_of_an_authenticator_stands_nowhere_in_clear(db: None) -> None:
    user = User.objects.create_user("zhou", password="correct horse battery", name="Zhou Min")  # noqa: S106
    secret = totp.generate_totp_secret()
    totp.TOTP.activate(user, secret)
    stored = Authenticator.objects.get(user=user)
    assert secret not in str(stored.data)
    assert stored.wrap().validate_code(
        totp.format_hotp_value(totp.hotp_value(secret, next(totp.yield_hotp_counters_from_time())))
    )


def test_what_another_keyset_sealed_is_told_not_guessed(db: None) -> None:
    sealed = Adapter().encrypt("secret")
    assert Adapter().decrypt(sealed) == "secret"
    with pytest.raises(DaihouError, match="another keyset"):
        Adapter().decrypt(sealed[:-8] + "AAAAAAA=")
