"""What a credit bureau says of a borrower up to a date, and how that differs from what it said before."""
