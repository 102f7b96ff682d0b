"""Pages of vault."""

from __future__ import annotations

from django.urls import path

from daihou.desk.vault import views

urlpatterns = [
    path("find/", views.find, name="find"),
]
