"""Roll-ups: what a borrower or a facility owes in all, from the rows of its loans."""
