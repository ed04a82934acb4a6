"""Decisions on given facts: which messages are sent, when, and what became of them."""
