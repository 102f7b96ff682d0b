"""A gateway of text messages for trials and tests: a real server at this machine that delivers nothing, slowly and badly if asked to."""
