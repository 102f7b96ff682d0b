"""The demonstration: which book it shows (an invented one where no real one is found), its figures and its picture."""
