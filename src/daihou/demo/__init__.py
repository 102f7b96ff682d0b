"""The demonstration: which book it shows, its figures, its story and its pictures."""
