"""What the search and the list of tasks read."""
