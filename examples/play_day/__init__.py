"""A day of a book, played as events: what happened before is taken in as files, the day itself comes one fact at a time."""
