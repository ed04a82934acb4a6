"""Delivery of planned texts: claim, send, record, reconcile.

Each text is sent at most once, whichever process is killed in between.
"""
