"""Pages of scoring models, and of a borrower's score. Before the pages of the portfolio, whose addresses of borrowers take all that follows."""

from __future__ import annotations

from django.urls import path

from daihou.desk.scoring.views import explained, files, models, overlay, training, version

urlpatterns = [
    path("models/", models.models, name="models"),
    path("models/train/", training.train, name="model_train"),
    path("models/jobs/<int:number>/", training.job, name="model_job"),
    path("models/jobs/<int:number>/state/", training.state, name="model_job_state"),
    path("models/<slug:model_id>/", models.model, name="model"),
    path("models/<slug:model_id>/overlay/", overlay.overlay, name="model_overlay"),
    path("models/<slug:model_id>/overlay/<int:number>/agree/", overlay.agree, name="model_overlay_agree"),
    path("models/<slug:model_id>/<int:number>/", version.version, name="model_version"),
    path("models/<slug:model_id>/<int:number>/validate/", version.validate, name="model_validate"),
    path("models/<slug:model_id>/<int:number>/approve/", version.approve, name="model_approve"),
    path("models/<slug:model_id>/<int:number>/return/", version.send_back, name="model_return"),
    path("models/<slug:model_id>/<int:number>/retire/", version.retire, name="model_retire"),
    path("models/<slug:model_id>/<int:number>/report/", files.report, name="model_report"),
    path("models/<slug:model_id>/<int:number>/<slug:ending>", files.file, name="model_file"),
    path("borrowers/<path:borrower_id>/score/", explained.letter, name="borrower_score"),
    path("borrowers/<path:borrower_id>/score/history/", explained.history, name="borrower_score_history"),
]
