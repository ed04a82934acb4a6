"""What was typed into the search, and what of a ward is a task."""
