"""Files that people attach: how they come in, what they are, where they lie."""
