"""Pages of reports."""

from __future__ import annotations

from django.urls import path

from daihou.desk.reports.views import acts, edit, files, lists, one

urlpatterns = [
    path("", lists.listed, name="reports"),
    path("of/<int:review>/", acts.make, name="report_make"),
    path("<int:number>/", one.report, name="report"),
    path("<int:number>/versions/", one.versions, name="report_versions"),
    path("<int:number>/edit/", edit.edit, name="report_edit"),
    path("<int:number>/type/", edit.type_on, name="report_type"),
    path("<int:number>/save/", edit.save, name="report_save"),
    path("<int:number>/fill/", edit.fill, name="report_fill"),
    path("<int:number>/submit/", acts.submit, name="report_submit"),
    path("<int:number>/check/", acts.check, name="report_check"),
    path("<int:number>/check/return/", acts.return_unchecked, name="report_return_unchecked"),
    path("<int:number>/approve/", acts.approve, name="report_approve"),
    path("<int:number>/approve/return/", acts.return_checked, name="report_return_checked"),
    path("<int:number>/pdf/", files.as_pdf, name="report_pdf"),
    path("<int:number>/word/", files.as_word, name="report_word"),
    path("<int:number>/with-name/", files.with_name, name="report_with_name"),
]
