"""Users and the roles they hold, each for one part of the organisation."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.utils.translation import gettext_lazy as _

from daihou.desk.people.roles import Role


class User(AbstractUser):
    """Somebody who works at the desk."""

    class Theme(models.TextChoices):
        """Light, dark, or as the machine is set."""

        AUTO = "auto", _("As the system")
        LIGHT = "light", _("Light")
        DARK = "dark", _("Dark")

    first_name = None  # type: ignore[assignment]  # one name, as people write it
    last_name = None  # type: ignore[assignment]
    name = models.CharField(_("name"), max_length=80)
    officer_id = models.CharField(_("officer number in the loans"), max_length=80, blank=True)
    """Whose loans are this user's own: the officer_id that loans carry."""
    language = models.CharField(
        _("language"), max_length=10, blank=True, choices=[("zh-hans", "简体中文"), ("en", "English")]
    )
    theme = models.CharField(_("theme"), max_length=5, choices=Theme, default=Theme.AUTO)
    must_change_password = models.BooleanField(_("must change the password"), default=False)
    """The password was given by somebody else, once."""
    serves_program = models.BooleanField(_("a program acts as this user"), default=False)
    """Closed to people for ever: nobody signs in as it, is told anything, or is given work; yet its roles hold, for the program that acts as it."""

    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    def __str__(self) -> str:
        return self.name or self.username

    @property
    def may_act(self) -> bool:
        """Whether its roles hold: for somebody who signs in, or for a program."""
        return self.is_active or self.serves_program

    def get_full_name(self) -> str:
        """The name."""
        return self.name

    def get_short_name(self) -> str:
        """The name."""
        return self.name


class Membership(models.Model):
    """A role that a user holds for a part of the organisation: an org and all below it."""

    user = models.ForeignKey(User, models.CASCADE, related_name="memberships")
    role = models.CharField(_("role"), max_length=20, choices=Role)
    org_id = models.CharField(_("organisation"), max_length=80, blank=True)
    """Empty: the whole lender."""

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["user", "role", "org_id"], name="one_membership_each"),
        ]

    def __str__(self) -> str:
        return f"{self.get_role_display()} · {self.org_id or '*'}"


class Absence(models.Model):
    """Somebody is away from a day to a day, and somebody else stands in: reaches their customers and gets what would have come to them."""

    user = models.ForeignKey(User, models.CASCADE, related_name="absences")
    stand_in = models.ForeignKey(User, models.PROTECT, related_name="standing_in")
    from_on = models.DateField(_("from"))
    to_on = models.DateField(_("to"))
    """The last day of it."""
    note = models.CharField(_("note"), max_length=200, blank=True)
    entered_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    entered_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering: ClassVar = ["-from_on", "id"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(to_on__gte=models.F("from_on")), name="absence_ends_after_it_begins"
            ),
            models.CheckConstraint(condition=~models.Q(user=models.F("stand_in")), name="nobody_stands_in_for_oneself"),
        ]
        indexes: ClassVar = [models.Index(fields=["stand_in", "to_on"], name="absences_by_stand_in")]

    def __str__(self) -> str:
        return f"{self.user_id} {self.from_on} – {self.to_on}"
