"""Pages of deliveries."""

from __future__ import annotations

from django.urls import path, re_path

from daihou.desk.deliveries import upload_views, views

urlpatterns = [
    path("", views.deliveries, name="deliveries"),
    path("batches/", views.batches, name="batches"),
    path("batches/<int:number>/", views.batch, name="batch"),
    path("quarantine/", views.quarantined, name="quarantine"),
    re_path(r"^quarantine/rows\.(?P<kind>csv|xlsx)$", views.quarantine_file, name="quarantine_file"),
    path("coverage/", views.coverage, name="coverage"),
    path("upload/", upload_views.upload, name="upload"),
    path("upload/<uuid:key>/", upload_views.preview, name="upload_preview"),
    path("upload/<uuid:key>/match/", upload_views.match, name="upload_match"),
    path("upload/<uuid:key>/mapping/", upload_views.write_mapping, name="upload_mapping"),
    path("upload/<uuid:key>/mapping.yaml", upload_views.mapping_file, name="upload_mapping_file"),
    path("upload/<uuid:key>/check/", upload_views.check, name="upload_check"),
    path("upload/<uuid:key>/take/", upload_views.take, name="upload_take"),
    path("upload/<uuid:key>/drop/", upload_views.drop, name="upload_drop"),
]
