"""My work: what waits for somebody, from every part of the desk, by deadline; and the same of a team."""
