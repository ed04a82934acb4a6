"""Routes of calendar feeds, invites and mails."""

from typing import Any

from invitations.routes import feed_pages, feeds, mails

HANDLERS: list[Any] = [*feed_pages.HANDLERS, *feeds.HANDLERS, *mails.HANDLERS]
