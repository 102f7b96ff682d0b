"""Pages of collection."""

from __future__ import annotations

from django.urls import path

from daihou.desk.casework.views import acts, arrangements, arranging, hardship, messages, workbench

urlpatterns = [
    path("", workbench.bench, name="workbench"),
    path("cases/<int:number>/", workbench.case, name="case"),
    path("cases/<int:number>/calculator/", workbench.reckon, name="case_calculator"),
    path("cases/<int:number>/ways/", workbench.ways, name="case_ways"),
    path("cases/<int:number>/pulse/", workbench.pulse, name="case_pulse"),
    path("cases/<int:number>/statement/", workbench.daily, name="case_statement"),
    path("cases/<int:number>/dial/", acts.dial, name="case_dial"),
    path("cases/<int:number>/outcome/", acts.outcome, name="case_outcome"),
    path("cases/<int:number>/inbound/", acts.inbound, name="case_inbound"),
    path("cases/<int:number>/send/", acts.send, name="case_send"),
    path("cases/<int:number>/pause/", acts.pause, name="case_pause"),
    path("cases/<int:number>/resume/", acts.resume, name="case_resume"),
    path("cases/<int:number>/hand-up/", acts.hand_up, name="case_hand_up"),
    path("cases/<int:number>/claim/", acts.claim, name="case_claim"),
    path("messages/", messages.sent, name="case_messages"),
    path("arrangements/", arrangements.listed, name="arrangements"),
    path("arrangements/<int:number>/", arrangements.arrangement, name="arrangement"),
    path("arrangements/<int:number>/change/", arranging.change, name="arrangement_change"),
    path("arrangements/<int:number>/submit/", arranging.submit, name="arrangement_submit"),
    path("arrangements/<int:number>/approve/", arranging.approve, name="arrangement_approve"),
    path("arrangements/<int:number>/return/", arranging.return_, name="arrangement_return"),
    path("arrangements/<int:number>/withdraw/", arranging.withdraw, name="arrangement_withdraw"),
    path("arrangements/<int:number>/end/", arranging.end, name="arrangement_end"),
    path("cases/<int:number>/arrangements/", arrangements.of_case, name="case_arrangements"),
    path("cases/<int:number>/arrangements/new/", arrangements.new, name="arrangement_new"),
    path("cases/<int:number>/hardship/", hardship.hardship, name="hardship"),
]
