"""What people do in the calendar, one file a noun; nothing here commits."""
