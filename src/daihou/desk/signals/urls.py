"""Pages of signals."""

from __future__ import annotations

from django.urls import path

from daihou.desk.signals import views

urlpatterns = [
    path("", views.signals, name="signals"),
    path("export.<slug:ending>", views.export, name="signals_export"),
    path("<slug:signal_id>/", views.signal, name="signal"),
]
