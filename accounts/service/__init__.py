"""What is done with accounts, by noun; other packages call these functions as ``accounts.service.…``."""

from accounts.service.invitations import accept_invitation, invite
from accounts.service.log_in import log_in, read_identifier
from accounts.service.resets import make_reset_code
from accounts.service.roles import grant_role, revoke_role
from accounts.service.sessions import SEEN_EVERY, end_sessions, log_out, token_id
from accounts.service.users import add_user, disable_user, set_language

__all__ = [
    "SEEN_EVERY",
    "accept_invitation",
    "add_user",
    "disable_user",
    "end_sessions",
    "grant_role",
    "invite",
    "log_in",
    "log_out",
    "make_reset_code",
    "read_identifier",
    "revoke_role",
    "set_language",
    "token_id",
]
