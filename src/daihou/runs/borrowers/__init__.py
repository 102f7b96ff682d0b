"""What is known of borrowers beside their loans, and of the market: read once from the lake, answered for any pair of dates."""
