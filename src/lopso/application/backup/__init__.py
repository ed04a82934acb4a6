"""Backups: the whole database in one encrypted file, and the way back.

A file is an age file (X25519) around a gzip stream of frames (`container`): a header, then each table's rows
as ``COPY`` writes them, with their number and a checksum. The schema is not in it: a restore makes it with
our migrations, at the revision the header names.
"""
