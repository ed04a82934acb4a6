"""Routes of learners."""

from learners.routes import editing, importing, listing

HANDLERS = [*listing.HANDLERS, *editing.HANDLERS, *importing.HANDLERS]
