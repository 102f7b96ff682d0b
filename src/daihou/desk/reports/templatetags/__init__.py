"""Marks of reviews."""
