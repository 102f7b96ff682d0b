"""Measure families: what can be said of a loan on a date as known on a date. Pure."""
