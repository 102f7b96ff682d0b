"""Pages of deliveries."""

from __future__ import annotations

from django.urls import path

from daihou.desk.deliveries import views

urlpatterns = [
    path("", views.deliveries, name="deliveries"),
]
