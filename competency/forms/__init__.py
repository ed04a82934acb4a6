"""Forms of the room, one file a page."""
