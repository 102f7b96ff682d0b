"""What templates of collection may call."""
