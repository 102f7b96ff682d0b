"""Pages of programs."""

from __future__ import annotations

from django.urls import path

from daihou.desk.programs import secret_views, views

urlpatterns = [
    path("", views.programs, name="programs"),
    path("new/", views.program_new, name="program_new"),
    path("<int:number>/", views.program, name="program"),
    path("<int:number>/edit/", views.program_edit, name="program_edit"),
    path("<int:number>/suspend/", views.program_suspend, name="program_suspend"),
    path("<int:number>/resume/", views.program_resume, name="program_resume"),
    path("<int:number>/tokens/", secret_views.token_new, name="program_token_new"),
    path("<int:number>/tokens/<int:token>/replace/", secret_views.token_replace, name="program_token_replace"),
    path("<int:number>/tokens/<int:token>/revoke/", secret_views.token_revoke, name="program_token_revoke"),
    path("<int:number>/clients/", secret_views.client_new, name="program_client_new"),
    path("<int:number>/clients/<int:client>/revoke/", secret_views.client_revoke, name="program_client_revoke"),
]
