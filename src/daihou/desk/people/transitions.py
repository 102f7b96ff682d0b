"""Every change of a user, each an entry of the audit log with what was before and after. Without a request, the system did it."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any, Final

from allauth.mfa.models import Authenticator
from django.db import transaction
from django.utils.translation import gettext as _

from daihou.desk.audit.log import record
from daihou.desk.people import rules
from daihou.desk.people.models import Membership, User
from daihou.desk.people.roles import Role
from daihou.desk.refusals import RefusedError, refuse

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.http import HttpRequest

FIELDS: Final = ("name", "email", "officer_id", "language")
"""What an administrator enters of a user, beside the user name, which stays."""
LETTERS: Final = "abcdefghijkmnpqrstuvwxyz23456789"
"""For passwords that are read aloud: no l, o, 0 or 1."""


def create(username: str, values: Mapping[str, Any], request: HttpRequest | None) -> tuple[User, str]:
    """Enter a user; answers them and their one-time password, which is kept nowhere."""
    password = one_time_password()
    with transaction.atomic():
        given = {name: values.get(name, "") for name in FIELDS}
        user = User.objects.create_user(username, password=password, must_change_password=True, **given)
        record(request, "user.create", "user", user.username, {"after": given})
    return user, password


def create_first_administrator(username: str, values: Mapping[str, Any]) -> tuple[User, str]:
    """Enter an administrator of the whole lender, for a new installation; answers them and their one-time password."""
    with transaction.atomic():
        user, password = create(username, values, None)
        grant(user, Role.ADMINISTRATOR, "", None)
    return user, password


def change(user: User, values: Mapping[str, Any], request: HttpRequest | None) -> User:
    """Change a user's data; what stays the same is not logged."""
    with transaction.atomic():
        kept = _locked(user)
        new = {name: values[name] for name in FIELDS if name in values and values[name] != getattr(kept, name)}
        if "officer_id" in new:
            refuse(rules.against_changing_roles(kept, _actor(request)))
        if new:
            record(
                request, "user.change", "user", kept.username,
                {"before": {name: getattr(kept, name) for name in new}, "after": new},
            )  # fmt: skip
            for name, value in new.items():
                setattr(kept, name, value)
            kept.save(update_fields=list(new))
    return kept


def deactivate(user: User, request: HttpRequest | None) -> User:
    """Close an account: its sessions end at once, its entries in the log stay."""
    with transaction.atomic():
        _lock_administrators()
        kept = _locked(user)
        refuse(rules.against_deactivating(kept, _actor(request)))
        return _set_active(kept, request, active=False)


def reactivate(user: User, request: HttpRequest | None) -> User:
    """Open an account again, with the roles it had."""
    with transaction.atomic():
        refuse(rules.against_reactivating(user))
        return _set_active(_locked(user), request, active=True)


def reset_password(user: User, request: HttpRequest | None) -> str:
    """Give a one-time password, which is answered and kept nowhere; open sessions end."""
    refuse(rules.against_resetting(user, _actor(request)))
    password = one_time_password()
    with transaction.atomic():
        kept = _locked(user)
        kept.set_password(password)
        kept.must_change_password = True
        kept.save(update_fields=["password", "must_change_password"])
        record(request, "user.password", "user", kept.username)
    return password


def reset_second_factor(user: User, request: HttpRequest | None) -> int:
    """Forget the user's authenticators, keys and recovery codes; answers how many there were."""
    refuse(rules.against_resetting(user, _actor(request)))
    with transaction.atomic():
        held = Authenticator.objects.filter(user=user)
        before = sorted(held.values_list("type", flat=True))
        held.delete()
        record(
            request, "user.second_factor", "user", user.username, {"before": {"kinds": before}, "after": {"kinds": []}}
        )
    return len(before)


def grant(user: User, role: str, org_id: str, request: HttpRequest | None) -> Membership:
    """Give a role for a part of the organisation ('' for all of it)."""
    with transaction.atomic():
        refuse(rules.against_changing_roles(user, _actor(request)))
        before = _roles(user)
        membership, made = Membership.objects.get_or_create(user=user, role=role, org_id=org_id)
        if not made:
            raise RefusedError(_("This role is held already."))
        record(
            request,
            "role.grant",
            "user",
            user.username,
            {"before": {"roles": before}, "after": {"roles": _roles(user)}},
        )
    return membership


def withdraw(membership: Membership, request: HttpRequest | None) -> None:
    """Take a role away."""
    with transaction.atomic():
        _lock_administrators()
        refuse(rules.against_withdrawing(membership, _actor(request)))
        user, before = membership.user, _roles(membership.user)
        membership.delete()
        record(
            request,
            "role.withdraw",
            "user",
            user.username,
            {"before": {"roles": before}, "after": {"roles": _roles(user)}},
        )


def one_time_password() -> str:
    """Four groups of four letters and digits: 80 bits."""
    return "-".join("".join(secrets.choice(LETTERS) for _place in range(4)) for _group in range(4))


def _actor(request: HttpRequest | None) -> User | None:
    return request.user if request is not None and request.user.is_authenticated else None


def _locked(user: User) -> User:
    """The user as the database has it, kept from others until the transaction ends."""
    return User.objects.select_for_update().get(pk=user.pk)


def _lock_administrators() -> None:
    """So that the last two administrators cannot remove each other at the same time. SQLite has one writer anyway."""
    list(Membership.objects.select_for_update().filter(role=Role.ADMINISTRATOR).values_list("pk"))


def _set_active(user: User, request: HttpRequest | None, *, active: bool) -> User:
    if user.is_active != active:
        user.is_active = active
        user.save(update_fields=["is_active"])
        record(
            request, "user.reactivate" if active else "user.deactivate", "user", user.username,
            {"before": {"active": not active}, "after": {"active": active}},
        )  # fmt: skip
    return user


def _roles(user: User) -> list[str]:
    held = Membership.objects.filter(user=user).order_by("role", "org_id").values_list("role", "org_id")
    return [f"{role} @ {org_id or '*'}" for role, org_id in held]
