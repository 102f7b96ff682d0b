"""The stream: what an event touches is measured and judged at once, by the measures and rules of the night."""
