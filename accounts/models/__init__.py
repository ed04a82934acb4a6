"""Accounts, role grants, log-in sessions, invitations."""

from accounts.models.invitations import Invitation
from accounts.models.sessions import LoginFailure, LoginSession
from accounts.models.users import RoleGrant, User
from lopso.kernel.audit import (
    AuditEntry,  # its table belongs to the kernel; users are its actors
)

__all__ = ["AuditEntry", "Invitation", "LoginFailure", "LoginSession", "RoleGrant", "User"]
