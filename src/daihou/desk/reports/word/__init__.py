"""Reports as Word: the template that ships, made in code, and the home's own."""
