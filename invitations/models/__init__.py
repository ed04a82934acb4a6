"""Tables of calendar feeds, calendar invites and the mails that carry them."""

from invitations.models.feed import CalendarToken
from invitations.models.invite import Invite
from invitations.models.mail import (
    MAIL_PURPOSES,
    MAIL_STATES,
    CalendarSubscription,
    Mail,
    MailInvite,
    SandboxMail,
)

__all__ = [
    "MAIL_PURPOSES",
    "MAIL_STATES",
    "CalendarSubscription",
    "CalendarToken",
    "Invite",
    "Mail",
    "MailInvite",
    "SandboxMail",
]
