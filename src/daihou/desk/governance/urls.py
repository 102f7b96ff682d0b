"""Pages of rules."""

from __future__ import annotations

from django.urls import path

from daihou.desk.governance.views import backtesting, drafting, review, rule, rules, suggesting

urlpatterns = [
    path("", rules.rules, name="rules"),
    path("new/", rules.new, name="rule_new"),
    path("check/", drafting.check, name="rule_check"),
    path("export/", rules.export, name="rules_export"),
    path("import/", rules.bring, name="rules_import"),
    path("suggest/", suggesting.suggest, name="suggest"),
    path("suggest/<int:number>/", suggesting.suggestion, name="suggestion"),
    path("suggest/<int:number>/state/", suggesting.state, name="suggestion_state"),
    path("suggest/<int:number>/use/", suggesting.use, name="suggestion_use"),
    path("suggest/<int:number>/<slug:ending>", suggesting.file, name="suggestion_file"),
    path("backtest/", backtesting.backtest, name="backtest"),
    path("backtest/<int:number>/", backtesting.backtested, name="backtested"),
    path("backtest/<int:number>/state/", backtesting.state, name="backtested_state"),
    path("backtest/<int:number>/attach/", backtesting.attach, name="backtest_attach"),
    path("backtest/<int:number>/<slug:ending>", backtesting.file, name="backtest_file"),
    path("<slug:rule_id>/", rule.rule, name="rule"),
    path("<slug:rule_id>/suggest/", suggesting.suggest, name="rule_suggest"),
    path("<slug:rule_id>/backtest/", backtesting.backtest, name="rule_backtest"),
    path("<slug:rule_id>/history/", rule.history, name="rule_history"),
    path("<slug:rule_id>/yaml/", rule.yaml, name="rule_yaml"),
    path("<slug:rule_id>/next/", rule.next_version, name="rule_next"),
    path("<slug:rule_id>/retire/", rule.retire, name="rule_retire"),
    path("<slug:rule_id>/draft/", drafting.draft, name="rule_draft"),
    path("<slug:rule_id>/draft/try/", drafting.attempt, name="rule_try"),
    path("<slug:rule_id>/draft/submit/", drafting.submit, name="rule_submit"),
    path("<slug:rule_id>/draft/withdraw/", drafting.withdraw, name="rule_withdraw"),
    path("<slug:rule_id>/review/", review.review, name="rule_review"),
    path("<slug:rule_id>/review/approve/", review.approve, name="rule_approve"),
    path("<slug:rule_id>/review/publish/", review.publish, name="rule_publish"),
    path("<slug:rule_id>/review/return/", review.send_back, name="rule_return"),
]
