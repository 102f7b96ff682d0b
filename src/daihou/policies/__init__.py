"""Law as dated data with a citation, house choices as dated data with an owner, and what is in force on a day. Reads no files."""
