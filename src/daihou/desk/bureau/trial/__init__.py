"""A credit bureau for trials and tests: a real server at this machine, slow, forgetful or worse if asked to be. Its people are made up."""
