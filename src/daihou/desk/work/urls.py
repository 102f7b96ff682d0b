"""Pages of work."""

from __future__ import annotations

from django.urls import path

from daihou.desk.work import views

urlpatterns = [
    path("", views.my_work, name="my_work"),
    path("team/", views.my_team, name="team"),
    path("team/<int:pk>/hand-over/", views.hand_over, name="hand_over"),
    path("absences/", views.away, name="absences"),
    path("absences/<int:pk>/end/", views.back, name="absence_end"),
]
