"""How bureaus are asked: one interface, and what speaks it over HTTP."""
