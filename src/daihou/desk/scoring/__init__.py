"""Scoring models at the desk: which there are and how they fare, a version to be read and decided, training, and a borrower's score explained."""
