"""Pages of the live desk."""

from __future__ import annotations

from django.urls import path

from daihou.desk.live import views

urlpatterns = [
    path("alerts", views.alerts, name="live_alerts"),
    path("stream/", views.stream, name="stream"),
    path("stream/now/", views.stream_now, name="stream_now"),
]
