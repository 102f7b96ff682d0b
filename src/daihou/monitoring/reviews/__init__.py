"""What reviews found about a borrower up to a date."""
