"""How a book moves: ageing, rolls, migration, vintages, cures and concentration, from the snapshots of many dates."""
