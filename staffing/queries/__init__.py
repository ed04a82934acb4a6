"""What pages read, one file a noun; each function says how many statements it runs."""
