"""The family score: what models in force say of a borrower."""
