"""What the pages about skills read, one file a page."""
