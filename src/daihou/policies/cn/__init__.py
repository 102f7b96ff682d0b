"""Law of the People's Republic of China, as dated data."""
