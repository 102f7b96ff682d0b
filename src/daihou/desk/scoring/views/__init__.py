"""Pages of scoring models."""
