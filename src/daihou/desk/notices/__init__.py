"""Notices: what people are told outside the desk, by mail and by other channels, at once or gathered."""
