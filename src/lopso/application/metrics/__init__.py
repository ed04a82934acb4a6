"""Figures for Prometheus: of this web process, and of workers, texts and backups as the database tells.

Labels are route templates, methods, states, purposes, providers and kinds of failure: all from closed lists,
and nothing of a person. Without a token there are no figures, and the library is not loaded.
"""
