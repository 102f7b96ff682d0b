"""The family customer: what kind of borrower it is."""
