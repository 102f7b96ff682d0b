"""What was sent and what of it is bad."""
