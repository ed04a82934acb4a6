"""Forms and queries of the calendar as structs, one file a noun."""
