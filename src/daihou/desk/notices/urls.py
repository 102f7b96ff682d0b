"""Pages of notices."""

from __future__ import annotations

from django.urls import path

from daihou.desk.notices.views import lender, mine, own

urlpatterns = [
    path("", mine.notices, name="notices"),
    path("<int:number>/", mine.notice, name="notice"),
    path("seen/", mine.seen, name="notices_seen"),
    path("settings/", own.settings_page, name="notice_settings"),
    path("settings/channels/", own.channel_add, name="notice_channel_add"),
    path("settings/channels/<int:number>/remove/", own.channel_remove, name="notice_channel_remove"),
    path("test/", own.test, name="notice_test"),
    path("outbox/", lender.outbox, name="notice_outbox"),
    path("outbox/resend/", lender.resend, name="notice_resend"),
    path("outbox/channels/", lender.channel_add, name="notice_group_add"),
    path("outbox/channels/<int:number>/remove/", lender.channel_remove, name="notice_group_remove"),
    path("outbox/channels/<int:number>/test/", lender.channel_test, name="notice_group_test"),
]
