"""Cash flow: what comes in and goes out of a borrower's accounts, and what they hold."""
