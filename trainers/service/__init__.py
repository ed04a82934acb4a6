"""Keeping the lists of helpers and teams true, one file a noun."""
