"""Routes of the search and of the list of tasks."""

from overview.routes import search, tasks

HANDLERS = [*search.HANDLERS, *tasks.HANDLERS]
