"""Changes to helpers, teams and accounts, one file a noun."""
