"""What an administrator may not do, and why: each rule answers the reason as a sentence, or nothing where it allows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from daihou.desk.people.models import Membership
from daihou.desk.people.roles import Role

if TYPE_CHECKING:
    from daihou.desk.people.models import User


def against_changing_roles(user: User, actor: User | None) -> str:
    """Separation of duties: one's own rights are given by somebody else."""
    if actor is not None and actor.pk == user.pk:
        return _("Nobody changes their own roles or officer number. Another administrator can.")
    return ""


def against_resetting(user: User, actor: User | None) -> str:
    """One's own password and second factor are changed under one's own account, which asks for the password first; a program has neither."""
    if of_program(user):
        return _("A program acts as this user, and nobody signs in as it. Its tokens stand on the page of the program.")
    if actor is not None and actor.pk == user.pk:
        return _("Change your own password and second factor on the page of your account.")
    return ""


def against_deactivating(user: User, actor: User | None) -> str:
    """One does not lock oneself out, nor everybody."""
    if actor is not None and actor.pk == user.pk:
        return _("Nobody deactivates their own account. Another administrator can.")
    if _is_last_administrator(user):
        return _("This is the last active administrator of the whole lender. Make somebody else one first.")
    return ""


def against_reactivating(user: User) -> str:
    """Nobody signs in as the user of a program."""
    if of_program(user):
        return _("A program acts as this user. It is let do so, or not, on the page of the program.")
    return ""


def of_program(user: User) -> bool:
    """Whether a program has it as its technical user, even while the program is suspended."""
    return hasattr(user, "program")


def against_withdrawing(membership: Membership, actor: User | None) -> str:
    """The last administrator stays one."""
    own = against_changing_roles(membership.user, actor)
    is_administrator = membership.role == Role.ADMINISTRATOR and not membership.org_id
    if not own and is_administrator and _is_last_administrator(membership.user):
        return _("This is the last active administrator of the whole lender. Make somebody else one first.")
    return own


def _is_last_administrator(user: User) -> bool:
    holders = Membership.objects.filter(role=Role.ADMINISTRATOR, org_id="", user__is_active=True)
    return set(holders.values_list("user_id", flat=True)) == {user.pk}
