"""What plan sheets are compared with, and written from."""
