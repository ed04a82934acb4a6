"""Doors of the room: what goes out, one session's texts, test phones, reminder times, provider reports."""

from notifications.routes import (
    brandname,
    change_preview,
    city,
    ledger,
    phone_preferences,
    phones,
    policy,
    session,
    text,
    webhook,
    wordings,
)

HANDLERS = [
    *city.HANDLERS,
    *change_preview.HANDLERS,
    *ledger.HANDLERS,
    *session.HANDLERS,
    *text.HANDLERS,
    *phone_preferences.HANDLERS,
    *phones.HANDLERS,
    *policy.HANDLERS,
    *wordings.HANDLERS,
    *webhook.HANDLERS,
    *brandname.HANDLERS,
]
