"""Letters: maturity and overdue notices, made of the figures of a day, served with proof; and until when claims may be brought."""
