"""People contacted: every call, visit and message passes the conduct gate in the transaction that records it."""
