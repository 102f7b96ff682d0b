"""The ways by which a permitted contact leaves the house: one file a channel."""
