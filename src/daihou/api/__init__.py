"""The way in and out of programs: `/api/v1` over the services of the desk, described by OpenAPI."""
