"""Facts in: rows of the contract's tables, judged, durable when they are accepted, and what became of them."""
