"""The validation report of a model: one self-contained page with its pictures, in English or Chinese, and the same as PDF."""
