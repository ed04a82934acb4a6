"""Routes: messages of a day, a session and a phone, reminder times, reports of providers."""

from notifications.routes import (
    brandname,
    change_preview,
    city,
    extension,
    learner_messages,
    ledger,
    pause,
    phone_calls,
    phone_preferences,
    policy,
    reopening,
    replacements,
    sandbox_phones,
    session,
    text,
    webhook,
)

HANDLERS = [
    *city.HANDLERS,
    *change_preview.HANDLERS,
    *extension.HANDLERS,
    *learner_messages.HANDLERS,
    *ledger.HANDLERS,
    *pause.HANDLERS,
    *session.HANDLERS,
    *reopening.HANDLERS,
    *replacements.HANDLERS,
    *text.HANDLERS,
    *phone_calls.HANDLERS,
    *phone_preferences.HANDLERS,
    *sandbox_phones.HANDLERS,
    *policy.HANDLERS,
    *webhook.HANDLERS,
    *brandname.HANDLERS,
]
