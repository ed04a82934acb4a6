"""Routes of learners."""

from learners.routes import consents, editing, importing, listing

HANDLERS = [*listing.HANDLERS, *editing.HANDLERS, *importing.HANDLERS, *consents.HANDLERS]
