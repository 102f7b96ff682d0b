"""Runs: tonight's, many dates at once, and one loan explained; and what they write down."""
