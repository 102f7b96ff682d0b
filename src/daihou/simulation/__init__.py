"""Invented loan books of any size whose truth is known: every parameter of their dynamics is documented and can be estimated again."""
