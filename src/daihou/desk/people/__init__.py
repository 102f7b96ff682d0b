"""Who works here: users, roles, their part of the organisation, sign-in."""
