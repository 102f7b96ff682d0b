"""The live desk: pages that hear of alerts as they change, and how the stream and the log fare."""
