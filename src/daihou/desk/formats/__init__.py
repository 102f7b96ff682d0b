"""How dates and numbers are written, by language. Django's own Chinese formats leave out thousands separators."""
