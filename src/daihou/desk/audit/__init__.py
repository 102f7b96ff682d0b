"""The audit log: one table, chained."""
