"""Queries on accounts and sessions, by noun."""

from accounts.queries.invitations import valid_invitation
from accounts.queries.sessions import IDLE, LONGEST, signed_in
from accounts.queries.users import Account, accounts_page, user_to_log_in

__all__ = [
    "IDLE",
    "LONGEST",
    "Account",
    "accounts_page",
    "signed_in",
    "user_to_log_in",
    "valid_invitation",
]
