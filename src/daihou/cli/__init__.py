"""The command line: the only place that wires everything and looks at the clock."""
