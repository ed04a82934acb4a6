"""Routes of accounts."""

from accounts.routes import invitations, log_in, users

HANDLERS = [*log_in.HANDLERS, *invitations.HANDLERS, *users.HANDLERS]
