"""Pages of people."""

from __future__ import annotations

from django.urls import path

from daihou.desk.people import managing, views

urlpatterns = [
    path("", views.start, name="start"),
    path("users/", managing.users, name="users"),
    path("users/new/", managing.user_new, name="user_new"),
    path("users/<int:pk>/", managing.user, name="user"),
    path("users/<int:pk>/edit/", managing.user_edit, name="user_edit"),
    path("users/<int:pk>/deactivate/", managing.user_deactivate, name="user_deactivate"),
    path("users/<int:pk>/reactivate/", managing.user_reactivate, name="user_reactivate"),
    path("users/<int:pk>/password/", managing.user_password, name="user_password"),
    path("users/<int:pk>/second-factor/", managing.user_second_factor, name="user_second_factor"),
    path("users/<int:pk>/roles/", managing.role_grant, name="role_grant"),
    path("users/<int:pk>/roles/<int:membership>/withdraw/", managing.role_withdraw, name="role_withdraw"),
    path("me/", views.me, name="me"),
    path("me/language/", views.language, name="language"),
    path("me/theme/", views.theme, name="theme"),
]
