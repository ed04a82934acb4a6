"""What people do at a roll call, one file a noun."""
