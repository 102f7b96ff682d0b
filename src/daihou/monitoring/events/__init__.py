"""The family events: what happened to a borrower outside the book."""
