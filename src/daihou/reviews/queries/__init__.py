"""Queries of credit reports: whether one may be made, on what it stands, and whether a report at hand answers it."""
