"""Tags of scoring models."""
