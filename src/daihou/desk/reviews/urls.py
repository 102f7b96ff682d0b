"""Pages of reviews."""

from __future__ import annotations

from django.urls import path

from daihou.desk.reviews.views import acts, lists, one, planning, sheet

urlpatterns = [
    path("", lists.listed, name="reviews"),
    path("new/", planning.new, name="review_new"),
    path("assign/", planning.assign_many, name="reviews_assign"),
    path("export.<str:ending>", lists.export, name="reviews_export"),
    path("view/", lists.save_view, name="reviews_view"),
    path("calendar/", lists.month, name="reviews_calendar"),
    path("worker.js", sheet.worker, name="review_worker"),
    path("<int:number>/", one.review, name="review"),
    path("<int:number>/claim/", acts.claim, name="review_claim"),
    path("<int:number>/assign/", acts.assign, name="review_assign"),
    path("<int:number>/postpone/", acts.postpone, name="review_postpone"),
    path("<int:number>/waive/", acts.waive, name="review_waive"),
    path("<int:number>/ask/", acts.ask, name="review_ask"),
    path("<int:number>/begin/", sheet.begin, name="review_begin"),
    path("<int:number>/form/", sheet.form, name="review_form"),
    path("<int:number>/form/save/", sheet.save, name="review_save"),
    path("<int:number>/form/attach/", sheet.attach, name="review_attach"),
    path("<int:number>/form/accompany/", sheet.accompany, name="review_accompany"),
    path("<int:number>/form/carry/", sheet.carry, name="review_carry"),
    path("<int:number>/form/finish/", sheet.finish, name="review_finish"),
    path("<int:number>/pieces/<int:piece>/", sheet.piece, name="review_piece"),
]
