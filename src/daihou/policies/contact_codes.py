"""The codes of contacts that a policy of conduct and the gate both speak of."""

from __future__ import annotations

from typing import Final, Literal, get_args

Channel = Literal["phone", "voice_bot", "sms", "email", "letter", "visit", "app"]
"""`app`: messages of messengers and of the lender's own app."""
CHANNELS: Final[tuple[Channel, ...]] = get_args(Channel)

Purpose = Literal["collect", "remind", "locate", "reply", "notice"]
"""Ask for money past due; remind of what falls due; ask somebody else how to reach the debtor; answer what the debtor began; serve what law asks for."""
PURPOSES: Final[tuple[Purpose, ...]] = get_args(Purpose)

Party = Literal["debtor", "co_borrower", "guarantor", "related", "unrelated", "employer", "representative"]
"""How the person stands to the debts. `related`: bound to them by law, like the spouse for a debt of the family.
`representative`: a lawyer or guardian who acts for the debtor."""
PARTIES: Final[tuple[Party, ...]] = get_args(Party)

Outcome = Literal[
    "pending", "conversation", "third_party", "no_answer", "busy", "invalid", "voicemail", "refused",
    "sent", "delivered", "failed", "not_made",
]  # fmt: skip
"""`pending`: not known yet, counted as the worst it may become. `conversation`: with the right person. `third_party`: somebody else answered.
`refused`: the person hung up or would not speak. `invalid`: no such number, or out of service. `not_made`: given up before it was dialled or sent; it counts nowhere."""
OUTCOMES: Final[tuple[Outcome, ...]] = get_args(Outcome)

Kind = Literal[
    "agreed_hours", "agreed_attempts", "call_consent", "visit_consent", "message_consent",
    "opt_out", "do_not_contact", "inconvenient", "employer_forbids", "refuses_messages_for_others",
    "dispute", "hardship", "bankruptcy", "death", "minor", "incapacity", "represented", "out_of_touch",
]  # fmt: skip
KINDS: Final[tuple[Kind, ...]] = get_args(Kind)
CONSENTS: Final[frozenset[Kind]] = frozenset(
    {"agreed_hours", "agreed_attempts", "call_consent", "visit_consent", "message_consent"}
)
"""Those that allow; all others forbid, or open what is closed otherwise, as the policy says."""
