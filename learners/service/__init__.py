"""Changes to learners and their consents, one file a noun."""
