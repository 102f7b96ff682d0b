"""The arrears family: where a loan stands, and how it stood, by its plan, its bills or the lender's own figures."""
