"""Judging a score: how well it parts good from bad, whether as many default as it says, whether it holds, and what a reader must know."""
