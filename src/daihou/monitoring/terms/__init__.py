"""The family terms: what was agreed for a loan, and how far along it is."""
