"""Reviews 贷后检查: which are due when, what a form asks, what its answers say. Pure: no input, no output, no clock."""
