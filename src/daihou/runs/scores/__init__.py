"""Scores of a home: samples from its runs, models trained, registered, scored by each run, and watched."""
