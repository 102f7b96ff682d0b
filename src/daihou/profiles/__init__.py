"""House choices as dated data with an owner: one profile a kind of lender, to be copied into the home and edited there."""
