"""Pages of the portfolio."""

from __future__ import annotations

from django.urls import path

from daihou.desk.portfolio.views import borrower, compare, export, figures, loan, loans, overview

urlpatterns = [
    path("portfolio/", overview.overview, name="overview"),
    path("portfolio/figures/<slug:name>.csv", figures.figures, name="figures"),
    path("loans/", loans.loans, name="loans"),
    path("loans/maturing/", loans.maturing, name="maturing"),
    path("loans/unpaid-interest/", loans.unpaid_interest, name="unpaid_interest"),
    path("loans/views/<slug:kind>/", loans.save_view, name="save_view"),
    path("loans/views/<int:view_id>/delete/", loans.delete_view, name="delete_view"),
    path("loans/export/<slug:kind>.<slug:ending>", export.export, name="export"),
    path("loans/<path:loan_id>/", loan.loan, name="loan"),
    path("borrowers/", borrower.borrowers, name="borrowers"),
    path("borrowers/<path:borrower_id>/", borrower.borrower, name="borrower"),
    path("compare/", compare.compare, name="compare"),
]
