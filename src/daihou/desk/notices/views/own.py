"""How one wants to be told: levels, kinds, hours, and one's own channels."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any, Final

from django.conf import settings
from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from daihou.desk import errors
from daihou.desk.access import SIGNED_IN, needs
from daihou.desk.audit.limits import exceeded
from daihou.desk.notices import preferences, transitions
from daihou.desk.notices.apprised import AddressError
from daihou.desk.notices.forms import ChannelForm, PreferenceForm
from daihou.desk.notices.models import Channel, Preference

if TYPE_CHECKING:
    from django.http import HttpResponse

    from daihou.desk.asked import Asked
    from daihou.desk.notices.transitions import Trial

MOST_TESTS: Final = 20
"""An hour: a test is not a way to send messages."""


@needs(SIGNED_IN)
@require_http_methods(["GET", "HEAD", "POST"])
def settings_page(request: Asked) -> HttpResponse:
    """What was chosen, or the defaults of one's roles; and the keeping of it."""
    form = PreferenceForm(request.POST if request.method == "POST" else None, _preference(request))
    if form.is_bound and form.is_valid():
        transitions.prefer(form.values, request)
        messages.success(request, _("Saved. It holds for what comes from now on."))
        return redirect("notice_settings")
    return _page(request, form=form)


@needs(SIGNED_IN)
@require_POST
def channel_add(request: Asked) -> HttpResponse:
    """Enter a channel of one's own."""
    form = ChannelForm(request.POST)
    if form.is_valid():
        try:
            transitions.add_channel(form.cleaned_data, request)
        except AddressError as error:
            form.add_error("address", why_not(error))
        else:
            messages.success(request, _("The channel is entered. Try it with its test button."))
            return redirect("notice_settings")
    return _page(request, channel_form=form)


@needs(SIGNED_IN)
@require_POST
def channel_remove(request: Asked, number: int) -> HttpResponse:
    """Remove a channel of one's own."""
    transitions.remove_channel(get_object_or_404(Channel, pk=number, user=request.user.pk, removed_at=None), request)
    messages.success(request, _("The channel is removed."))
    return redirect("notice_settings")


@needs(SIGNED_IN)
@require_POST
def test(request: Asked) -> HttpResponse:
    """Send a test at once, to one's mail address or through one's own channel, and show what the server said."""
    if exceeded(request.user, "notice.test", dt.timedelta(hours=1), MOST_TESTS):
        return errors.often(request, MOST_TESTS)
    number = request.POST.get("channel", "")
    channel = None
    if number.isdecimal() and len(number) < 19:
        channel = get_object_or_404(Channel, pk=int(number), user=request.user.pk, removed_at=None)
    say(request, transitions.attempt(channel, request))
    return redirect("notice_settings")


def say(request: Asked, trial: Trial) -> None:
    """Show what came of a test."""
    if trial.good:
        messages.success(request, _("The test was taken over: %(answer)s") % {"answer": trial.answer})
    else:
        messages.error(request, " ".join(part for part in (trial.trouble, trial.answer, trial.remedy) if part))


def why_not(error: AddressError) -> str:
    """Why an address cannot be used, in words."""
    return {
        "unknown": _("This is no address of a channel. Copy the webhook as the service shows it."),
        "foreign": _("Channels of this kind are not open here. An administrator enters them for the lender."),
        "many": _("Give one recipient only: what reaches one of several could not be told from what reached none."),
    }[str(error)]


def _preference(request: Asked) -> Preference:
    return Preference.objects.filter(user=request.user.pk).first() or preferences.suited(request.rights.roles)


def _page(request: Asked, form: PreferenceForm | None = None, channel_form: ChannelForm | None = None) -> HttpResponse:
    wrong = (form is not None and form.is_bound) or channel_form is not None
    context: dict[str, Any] = {
        "form": form or PreferenceForm(None, _preference(request)),
        "channel_form": channel_form or ChannelForm(),
        "channels": Channel.objects.filter(user=request.user.pk, removed_at=None),
        "own_address": request.user.email,
        "mail_ready": settings.MAIL_READY,
        "chosen": Preference.objects.filter(user=request.user.pk).exists(),
    }
    return render(request, "notices/settings.html", context, status=422 if wrong else 200)
