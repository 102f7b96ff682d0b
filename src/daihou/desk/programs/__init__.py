"""Programs: other systems that act at the desk through the API, each with scopes, limits, tokens and the rights of a technical user."""
