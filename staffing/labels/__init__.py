"""What pages and calendars call things, in the reader's language; one file a noun."""
