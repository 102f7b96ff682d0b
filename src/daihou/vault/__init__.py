"""Where names live: the installation's keys, records sealed person by person, search tokens, masks. No database here."""
