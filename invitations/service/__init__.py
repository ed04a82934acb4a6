"""What changes feeds, invites and mails."""
