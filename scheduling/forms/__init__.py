"""What people type, turned into plans; one file a noun."""
