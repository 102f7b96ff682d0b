"""Collection cases: whom to contact today, what they owe, what they promised, and what came of it."""
