"""Doors of learners."""

from learners.routes import importing, people

HANDLERS = [*people.HANDLERS, *importing.HANDLERS]
