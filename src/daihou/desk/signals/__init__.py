"""Signals at the desk: which are open on a date, and what each stood on. Written by runs; nothing is kept here."""
