"""The conduct gate 行为合规闸门: whether a contact is lawful, and if not, why and until when."""
