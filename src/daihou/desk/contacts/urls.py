"""Pages of people as they are contacted."""

from __future__ import annotations

from django.urls import path

from daihou.desk.contacts.views import circumstances, reminders

urlpatterns = [
    path("reminders/", reminders.listed, name="reminders"),
    path("debtors/<path:debtor_id>/circumstances/", circumstances.page, name="circumstances"),
    path("debtors/<path:debtor_id>/circumstances/enter/", circumstances.enter, name="circumstance_enter"),
    path("debtors/<path:debtor_id>/circumstances/<int:number>/lift/", circumstances.lift, name="circumstance_lift"),
    path("debtors/<path:debtor_id>/points/<int:number>/mark/", circumstances.mark, name="point_mark"),
]
