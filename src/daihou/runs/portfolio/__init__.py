"""How a book moves: ageing, rolls, migration, vintages, prepayment and more, from the snapshots or the cubes of many dates; and its charts."""
