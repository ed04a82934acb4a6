"""Doors of the room: what goes out, one session's texts, test phones, reminder times, provider reports."""

from notifications.routes import ledger, phones, policy, session, webhook

HANDLERS = [*ledger.HANDLERS, *session.HANDLERS, *phones.HANDLERS, *policy.HANDLERS, *webhook.HANDLERS]
