"""Alerts: the warnings that people check, confirm, act on and lift."""
