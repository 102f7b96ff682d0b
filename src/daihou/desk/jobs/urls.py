"""Pages of jobs."""

from __future__ import annotations

from django.urls import path

from daihou.desk.jobs import views

urlpatterns = [
    path("", views.jobs, name="jobs"),
]
