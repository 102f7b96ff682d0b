"""What the templates of the portfolio may call."""
