"""Feeds: facts that other systems hold ready, brought into the log once each."""
