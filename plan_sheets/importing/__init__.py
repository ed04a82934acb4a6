"""A ward's plan sheet as a kind of list."""
