"""Decisions on facts handed in: what a calendar should hold, what a feed says."""
