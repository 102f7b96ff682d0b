"""Pages of credit reports."""
