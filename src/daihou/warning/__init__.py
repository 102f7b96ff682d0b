"""Early warning: rules over measures, the fold that makes signals of them, thresholds from default history, backtests. Pure."""
