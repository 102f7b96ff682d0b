"""Pages of people."""

from __future__ import annotations

from django.urls import path

from daihou.desk.people import views

urlpatterns = [
    path("", views.start, name="start"),
    path("users/", views.users, name="users"),
    path("me/", views.me, name="me"),
    path("me/language/", views.language, name="language"),
    path("me/theme/", views.theme, name="theme"),
]
