"""Pages of webhooks."""

from __future__ import annotations

from django.urls import path

from daihou.desk.webhooks.views import deliveries, hooks

urlpatterns = [
    path("", hooks.webhooks, name="webhooks"),
    path("new/", hooks.webhook_new, name="webhook_new"),
    path("<int:number>/", hooks.webhook, name="webhook"),
    path("<int:number>/edit/", hooks.webhook_edit, name="webhook_edit"),
    path("<int:number>/ping/", hooks.webhook_ping, name="webhook_ping"),
    path("<int:number>/pause/", hooks.webhook_pause, name="webhook_pause"),
    path("<int:number>/resume/", hooks.webhook_resume, name="webhook_resume"),
    path("<int:number>/secret/", hooks.webhook_secret, name="webhook_secret"),
    path("<int:number>/remove/", hooks.webhook_remove, name="webhook_remove"),
    path("deliveries/", deliveries.hook_deliveries, name="hook_deliveries"),
    path("deliveries/<int:number>/", deliveries.hook_delivery, name="hook_delivery"),
    path("deliveries/again/", deliveries.hook_deliveries_again, name="hook_deliveries_again"),
    path("deliveries/drop/", deliveries.hook_deliveries_drop, name="hook_deliveries_drop"),
]
