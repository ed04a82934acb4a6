"""Queries of pages, plans and the worker."""
