"""Accounts, role grants, log-in sessions and devices, invitations, resets, second factors."""

from accounts.models.invitations import Invitation
from accounts.models.resets import ResetCode, ResetMail
from accounts.models.second_factor import RecoveryCode, SecondFactor
from accounts.models.sessions import KnownDevice, LoginFailure, LoginSession
from accounts.models.users import RoleGrant, User
from lopso.kernel.audit import (
    AuditEntry,  # its table belongs to the kernel; users are its actors
)

__all__ = [
    "AuditEntry",
    "Invitation",
    "KnownDevice",
    "LoginFailure",
    "LoginSession",
    "RecoveryCode",
    "ResetCode",
    "ResetMail",
    "RoleGrant",
    "SecondFactor",
    "User",
]
