"""Long work started from the desk."""
