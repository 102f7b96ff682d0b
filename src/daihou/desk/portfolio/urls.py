"""Pages of portfolio."""

from __future__ import annotations

from django.urls import path

from daihou.desk.portfolio import views

urlpatterns = [
    path("portfolio/", views.overview, name="overview"),
    path("loans/", views.loans, name="loans"),
    path("loans/maturing/", views.maturing, name="maturing"),
    path("loans/unpaid-interest/", views.unpaid_interest, name="unpaid_interest"),
    path("borrowers/", views.borrowers, name="borrowers"),
    path("compare/", views.compare, name="compare"),
]
