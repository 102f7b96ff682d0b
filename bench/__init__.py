"""Benchmarks, each printing ratios against named peers and a floor measured in the same run."""
