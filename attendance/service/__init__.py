"""Services of the roll call, one file a noun."""
