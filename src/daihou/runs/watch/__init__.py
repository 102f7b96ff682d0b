"""The watch: rules over what runs measured, the signals they make, and what rules would have done over past dates."""
