"""What the templates of governance may call."""
