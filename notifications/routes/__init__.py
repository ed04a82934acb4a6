"""Routes: messages of a day, a session and a phone, reminder times, wordings, reports of providers."""

from notifications.routes import (
    brandname,
    change_preview,
    city,
    ledger,
    phone_preferences,
    policy,
    sandbox_phones,
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
    *sandbox_phones.HANDLERS,
    *policy.HANDLERS,
    *wordings.HANDLERS,
    *webhook.HANDLERS,
    *brandname.HANDLERS,
]
