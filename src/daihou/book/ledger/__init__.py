"""The ledger: the lake's facts rearranged by loan and day for kernels, derived and disposable."""
