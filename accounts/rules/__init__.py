"""Rules of accounts: codes, devices; no database."""
