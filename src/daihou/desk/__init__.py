"""The desk: people's work, one Django project of small apps. Reads what runs wrote; people's own rows stand in its database."""
