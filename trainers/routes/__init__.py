"""Routes of helpers and teams."""

from trainers.routes import editing, helper, importing, listing, teams

HANDLERS = [
    *listing.HANDLERS,
    *helper.HANDLERS,
    *editing.HANDLERS,
    *teams.HANDLERS,
    *importing.HANDLERS,
]
