"""Routes of accounts."""

from accounts.routes import (
    invitations,
    log_in,
    own_account,
    own_second_factor,
    resets,
    second_step,
    user_credentials,
    users,
)

HANDLERS = [
    *log_in.HANDLERS,
    *second_step.HANDLERS,
    *resets.HANDLERS,
    *invitations.HANDLERS,
    *own_account.HANDLERS,
    *own_second_factor.HANDLERS,
    *users.HANDLERS,
    *user_credentials.HANDLERS,
]
