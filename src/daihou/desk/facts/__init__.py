"""What people did and found at the desk, told to the lake as facts."""
