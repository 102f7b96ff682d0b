"""Conventions that belong to no one jurisdiction, as dated data."""
