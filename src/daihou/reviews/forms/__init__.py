"""Forms as data: what a review asks, what is shown of it, what is wrong with its answers, and what they say.

`reading.read` makes the versions of a form from a file; `answers.check`, `told.told`, `as_json.client` and `carried.carried` work with one version.
docs/guides/review_forms.md says how a form is written.
"""
