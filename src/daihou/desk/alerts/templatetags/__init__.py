"""How templates show alerts."""
