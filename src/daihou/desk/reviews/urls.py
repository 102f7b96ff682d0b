"""Pages of reviews."""

from __future__ import annotations

from django.urls import path

from daihou.desk.reviews.views import acts, lists, one

urlpatterns = [
    path("", lists.listed, name="reviews"),
    path("calendar/", lists.month, name="reviews_calendar"),
    path("<int:number>/", one.review, name="review"),
    path("<int:number>/claim/", acts.claim, name="review_claim"),
    path("<int:number>/assign/", acts.assign, name="review_assign"),
    path("<int:number>/postpone/", acts.postpone, name="review_postpone"),
    path("<int:number>/waive/", acts.waive, name="review_waive"),
]
