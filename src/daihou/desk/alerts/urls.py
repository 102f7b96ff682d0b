"""Pages of alerts."""

from __future__ import annotations

from django.urls import path

from daihou.desk.alerts.views import (
    acts,
    alert,
    bulk,
    comments,
    customer,
    customers,
    files,
    inbox,
    learning,
    raising,
    tasks,
)

urlpatterns = [
    path("", inbox.inbox, name="alerts"),
    path("export.<slug:ending>", inbox.export, name="alerts_export"),
    path("next/", inbox.claim_next, name="alerts_next"),
    path("claim/", inbox.claim_one, name="alerts_claim"),
    path("views/", inbox.save_view, name="alerts_view"),
    path("views/first/", inbox.first_view, name="alerts_first_view"),
    path("raise/", raising.new, name="alert_raise"),
    path("bulk/", bulk.ask, name="alerts_bulk"),
    path("bulk/<int:number>/", bulk.confirm, name="alerts_bulk_confirm"),
    path("<int:number>/", alert.alert, name="alert"),
    path("<int:number>/conclude/", acts.conclude, name="alert_conclude"),
    path("<int:number>/confirm/", acts.confirm, name="alert_confirm"),
    path("<int:number>/send-back/", acts.send_back, name="alert_send_back"),
    path("<int:number>/plan/", acts.plan, name="alert_plan"),
    path("<int:number>/carry-out/", acts.carry_out, name="alert_carry_out"),
    path("<int:number>/follow-up/", acts.follow_up, name="alert_follow_up"),
    path("<int:number>/propose-lift/", acts.propose_lift, name="alert_propose_lift"),
    path("<int:number>/approve-lift/", acts.approve_lift, name="alert_approve_lift"),
    path("<int:number>/snooze/", acts.snooze, name="alert_snooze"),
    path("<int:number>/wake/", acts.wake, name="alert_wake"),
    path("<int:number>/claim/", acts.claim, name="alert_claim"),
    path("<int:number>/assign/", acts.assign, name="alert_assign"),
    path("<int:number>/escalate/", acts.escalate, name="alert_escalate"),
    path("<int:number>/chase/", acts.chase, name="alert_chase"),
    path("<int:number>/level/", acts.level, name="alert_level"),
    path("<int:number>/comment/", comments.comment, name="alert_comment"),
    path("<int:number>/people/", comments.people, name="alert_people"),
    path("<int:number>/files/", files.attach, name="alert_attach"),
    path("<int:number>/files/<int:file>/", files.file, name="alert_file"),
    path("<int:number>/tasks/", tasks.begin, name="alert_task"),
    path("<int:number>/tasks/<int:task>/", tasks.end, name="alert_task_end"),
    path("rules/", learning.alerts_learning, name="alerts_learning"),
    path("customers/", customers.customers, name="customers"),
    path("customers/<path:borrower_id>/", customer.level, name="customer_level"),
]
