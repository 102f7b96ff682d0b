"""Change control of rules: drafts, checks, tries, review by somebody else, publication, retirement."""
