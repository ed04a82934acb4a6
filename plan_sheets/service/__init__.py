"""Saving a plan sheet."""
