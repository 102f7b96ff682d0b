"""Who borrowers are: sealed names and numbers."""
