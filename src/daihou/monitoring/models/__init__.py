"""How scoring models fare: what is watched of each version that scores."""
