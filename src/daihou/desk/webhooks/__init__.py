"""Webhooks: what happens at the desk, told to programs elsewhere by signed requests that are tried until they are answered."""
