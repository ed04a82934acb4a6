"""What pages, plans and the worker read about feeds, invites and mails."""
