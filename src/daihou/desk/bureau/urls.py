"""Pages of credit reports."""

from __future__ import annotations

from django.urls import path

from daihou.desk.bureau.views import borrower, files, lists, one

urlpatterns = [
    path("", lists.listed, name="bureau_queries"),
    path("queries/<int:number>/", one.query, name="bureau_query"),
    path("queries/<int:number>/withdraw/", one.withdraw, name="bureau_query_withdraw"),
    path("queries/<int:number>/result/", one.result, name="bureau_query_result"),
    path("queries/<int:number>/settle/", one.settle, name="bureau_query_settle"),
    path("queries/<int:number>/reread/", one.reread, name="bureau_query_reread"),
    path("queries/<int:number>/bring/", files.bring, name="bureau_query_bring"),
    path("reports/<int:number>/raw/", files.raw, name="bureau_raw"),
    path("authorisations/<int:number>/revoke/", borrower.revoke, name="bureau_revoke"),
    path("authorisations/<int:number>/scan/", files.scan, name="bureau_scan"),
    path("borrowers/<path:borrower_id>/ask/", borrower.ask, name="bureau_ask"),
    path("borrowers/<path:borrower_id>/authorise/", files.authorise, name="bureau_authorise"),
    path("borrowers/<path:borrower_id>/", borrower.borrower, name="bureau_borrower"),
]
