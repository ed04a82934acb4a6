"""Changes of the calendar, one file a noun; nothing here commits."""
