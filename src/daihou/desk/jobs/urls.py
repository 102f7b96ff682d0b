"""Pages of jobs."""

from __future__ import annotations

from django.urls import path

from daihou.desk.jobs import views

urlpatterns = [
    path("", views.jobs, name="jobs"),
    path("start/<slug:kind>/", views.start, name="job_start"),
    path("<int:number>/", views.job, name="job"),
    path("<int:number>/state/", views.state, name="job_state"),
    path("<int:number>/cancel/", views.cancel, name="job_cancel"),
    path("<int:number>/again/", views.again, name="job_again"),
    path("<int:number>/files/<str:name>", views.file, name="job_file"),
]
