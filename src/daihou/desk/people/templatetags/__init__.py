"""What templates of people may load."""
