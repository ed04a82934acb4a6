"""What people do with skills, one file a noun."""
