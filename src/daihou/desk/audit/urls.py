"""Pages of audit."""

from __future__ import annotations

from django.urls import path

from daihou.desk.audit import views

urlpatterns = [
    path("", views.audit, name="audit"),
]
