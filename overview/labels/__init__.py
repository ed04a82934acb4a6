"""Hits and tasks in words."""
