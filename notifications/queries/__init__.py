"""What pages, plans and the worker read."""
