"""Tasks: queries over the facts, so that what is done is no task any more."""
