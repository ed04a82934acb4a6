"""What people type, turned into plans and picks; one file a noun."""
