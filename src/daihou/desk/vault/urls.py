"""Pages of the vault."""

from __future__ import annotations

from django.urls import path

from daihou.desk.vault import views

urlpatterns = [
    path("find/", views.find, name="find"),
    path("<path:borrower_id>/reveal/", views.reveal, name="reveal"),
    path("<path:borrower_id>/person/", views.person, name="person"),
]
