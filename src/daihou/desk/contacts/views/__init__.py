"""Pages of people as they are contacted."""
