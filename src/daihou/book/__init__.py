"""The book: what a lender told us, exactly as told, with the two dates of every fact."""
