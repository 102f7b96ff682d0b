"""Where the loans stand."""
