"""The flows: transactions of every borrower in order, beside the ledger, as the cash-flow kernels walk them."""
