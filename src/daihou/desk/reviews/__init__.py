"""Reviews: inspections and return visits, planned by risk after each run, done by people, told as facts."""
