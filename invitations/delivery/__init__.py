"""Delivery of mails: claim, compose, send, record the outcome."""
