"""Pages of letters."""

from __future__ import annotations

from django.urls import path

from daihou.desk.letters.views import acts, claims, lists, one, prints

urlpatterns = [
    path("", lists.listed, name="letters"),
    path("due/", lists.due, name="letters_due"),
    path("limitation/", lists.soon, name="limitation"),
    path("claims/<path:loan_id>/add/", claims.add, name="claim_event_add"),
    path("claims/<path:loan_id>/", claims.events, name="claim_events"),
    path("claim-events/<int:number>/end/", claims.end, name="claim_event_end"),
    path("claim-events/<int:number>/withdraw/", claims.withdraw, name="claim_event_withdraw"),
    path("make/", acts.make, name="letters_make"),
    path("print/", prints.printed, name="letters_print"),
    path("<int:number>/", one.letter, name="letter"),
    path("<int:number>/send/", acts.send, name="letter_send"),
    path("<int:number>/attach/", acts.attach, name="letter_attach"),
    path("<int:number>/arrive/", acts.arrive, name="letter_arrive"),
    path("<int:number>/withdraw/", acts.withdraw, name="letter_withdraw"),
    path("<int:number>/proofs/<int:proof>/", acts.proof, name="letter_proof"),
]
