"""Marks of credit reports in templates."""
