"""Credit assessment 信用评估: scores from history and behaviour, validated, explained and watched. No input or output."""
