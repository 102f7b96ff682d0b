"""Pages on which an administrator enters, changes and closes users, and gives them roles."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from allauth.mfa.models import Authenticator
from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Exists, OuterRef
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from daihou.desk.access import needs
from daihou.desk.people import rules, transitions
from daihou.desk.people.filters import UserFilter
from daihou.desk.people.forms import MembershipForm, UserForm
from daihou.desk.people.scope import managed, places
from daihou.desk.people.tables import held_roles
from daihou.desk.refusals import RefusedError

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django.http import HttpResponse

    from daihou.desk.asked import Asked
    from daihou.desk.people.models import User
    from daihou.desk.people.reach import Reach

PAGE: Final = 50


@needs("people.manage")
@require_GET
def users(request: Asked) -> HttpResponse:
    """All users within the administrator's part, filtered by the address."""
    chosen = UserFilter(request.GET, queryset=_within(request), places=places(_reach(request)))
    page = Paginator(chosen.qs.order_by("name", "username"), PAGE).get_page(request.GET.get("page"))
    rows = [(user, held_roles(user.memberships.all())) for user in page]
    filtered = any(request.GET.get(name) for name in chosen.filters)
    return render(request, "people/users.html", {"filter": chosen, "page": page, "rows": rows, "filtered": filtered})


@needs("people.manage")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def user_new(request: Asked) -> HttpResponse:
    """Enter a user; the answer shows the one-time password, once."""
    form = UserForm(request.POST or None, initial={"language": "zh-hans"})
    if request.method == "POST" and form.is_valid():
        made, password = transitions.create(form.cleaned_data["username"], form.cleaned_data, request)
        return render(request, "people/password.html", {"shown": made, "password": password, "entered": True})
    return render(request, "people/user_form.html", {"form": form})


@needs("people.manage")
@require_GET
def user(request: Asked, pk: int) -> HttpResponse:
    """One user: data, roles, and what can be done; what cannot says why."""
    return _user_page(request, _one(request, pk))


@needs("people.manage")
@require_http_methods(["GET", "HEAD", "POST"])
def user_edit(request: Asked, pk: int) -> HttpResponse:
    """Change a user's data."""
    found = _one(request, pk)
    form = UserForm(request.POST or None, instance=found, own=found.pk == request.user.pk)
    if request.method == "POST" and form.is_valid():
        transitions.change(found, form.cleaned_data, request)
        messages.success(request, _("Saved."))
        return redirect("user", pk=found.pk)
    return render(request, "people/user_form.html", {"form": form, "shown": found})


@needs("people.manage")
@require_POST
def user_deactivate(request: Asked, pk: int) -> HttpResponse:
    """Close an account."""
    try:
        transitions.deactivate(_one(request, pk), request)
        messages.success(request, _("The account is closed; its sessions have ended."))
    except RefusedError as refused:
        messages.error(request, str(refused))
    return redirect("user", pk=pk)


@needs("people.manage")
@require_POST
def user_reactivate(request: Asked, pk: int) -> HttpResponse:
    """Open an account again."""
    try:
        transitions.reactivate(_one(request, pk), request)
        messages.success(request, _("The account is open again, with the roles it had."))
    except RefusedError as refused:
        messages.error(request, str(refused))
    return redirect("user", pk=pk)


@needs("people.manage")
@never_cache
@require_POST
def user_password(request: Asked, pk: int) -> HttpResponse:
    """Give a one-time password; the answer shows it, once."""
    found = _one(request, pk)
    try:
        password = transitions.reset_password(found, request)
    except RefusedError as refused:
        messages.error(request, str(refused))
        return redirect("user", pk=pk)
    return render(request, "people/password.html", {"shown": found, "password": password})


@needs("people.manage")
@require_POST
def user_second_factor(request: Asked, pk: int) -> HttpResponse:
    """Forget a user's second factor."""
    try:
        transitions.reset_second_factor(_one(request, pk), request)
        messages.success(request, _("The second factor is forgotten; at the next sign-in the password is enough."))
    except RefusedError as refused:
        messages.error(request, str(refused))
    return redirect("user", pk=pk)


@needs("people.manage")
@require_POST
def role_grant(request: Asked, pk: int) -> HttpResponse:
    """Give a role."""
    found = _one(request, pk)
    form = _role_form(request, request.POST)
    if not form.is_valid():
        return _user_page(request, found, form, status=422)
    try:
        transitions.grant(found, form.cleaned_data["role"], form.cleaned_data["org_id"], request)
        messages.success(request, _("The role is given."))
    except RefusedError as refused:
        messages.error(request, str(refused))
    return redirect("user", pk=pk)


@needs("people.manage")
@require_POST
def role_withdraw(request: Asked, pk: int, membership: int) -> HttpResponse:
    """Take a role away."""
    held = get_object_or_404(_one(request, pk).memberships.select_related("user"), pk=membership)
    try:
        transitions.withdraw(held, request)
        messages.success(request, _("The role is withdrawn."))
    except RefusedError as refused:
        messages.error(request, str(refused))
    return redirect("user", pk=pk)


def _user_page(request: Asked, found: User, form: MembershipForm | None = None, status: int = 200) -> HttpResponse:
    actor = request.user if request.user.is_authenticated else None
    roles = held_roles(found.memberships.select_related("user"))
    context: dict[str, Any] = {
        "shown": found,
        "roles": [(role, rules.against_withdrawing(role.membership, actor)) for role in roles],
        "form": form or _role_form(request),
        "own_roles": rules.against_changing_roles(found, actor),
        "no_reset": rules.against_resetting(found, actor),
        "no_closing": rules.against_deactivating(found, actor),
        "no_opening": rules.against_reactivating(found),
        "factors": sorted(set(Authenticator.objects.filter(user=found).values_list("type", flat=True))),
        "lacks_number": not found.officer_id and any(role.own for role in roles),
    }
    return render(request, "people/user.html", context, status=status)


def _role_form(request: Asked, data: Any = None) -> MembershipForm:
    reach = _reach(request)
    return MembershipForm(data, places=places(reach), whole=reach.everything)


def _reach(request: Asked) -> Reach:
    reach: Reach = request.rights.reach("people.manage")
    return reach


def _within(request: Asked) -> QuerySet[User]:
    second = Authenticator.objects.filter(user=OuterRef("pk"))
    return managed(_reach(request)).prefetch_related("memberships").annotate(has_second_factor=Exists(second))


def _one(request: Asked, pk: int) -> User:
    return get_object_or_404(_within(request), pk=pk)
