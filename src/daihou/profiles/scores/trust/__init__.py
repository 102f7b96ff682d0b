"""Designs that ship for this kind of lender."""
