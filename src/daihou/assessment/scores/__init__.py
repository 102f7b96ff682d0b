"""Behaviour scores: the design, bins, cards, trees, calibration, the figures that judge them, and what a score says of itself."""
