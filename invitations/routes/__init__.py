"""Routes of calendar feeds, invites and mails."""

from typing import Any

from invitations.routes import feed_pages, feeds, mails, sandbox_mailbox, subscriptions

HANDLERS: list[Any] = [
    *feed_pages.HANDLERS,
    *feeds.HANDLERS,
    *mails.HANDLERS,
    *sandbox_mailbox.HANDLERS,
    *subscriptions.HANDLERS,
]
