"""The family market: the economy around every loan and borrower, and what its series come to."""
