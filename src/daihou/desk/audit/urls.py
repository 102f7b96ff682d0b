"""Pages of audit."""

from __future__ import annotations

from django.urls import path

from daihou.desk.audit import views

urlpatterns = [
    path("", views.audit, name="audit"),
    path("audit.csv", views.audit_csv, name="audit_csv"),
    path("verify/", views.audit_verify, name="audit_verify"),
    path("<int:pk>/", views.entry, name="audit_entry"),
]
