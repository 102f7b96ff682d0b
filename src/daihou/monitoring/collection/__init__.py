"""The family of what people did about a debtor and what the debtor promised."""
