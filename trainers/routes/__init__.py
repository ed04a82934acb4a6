"""Doors of trainers."""

from trainers.routes import importing, people, teams

HANDLERS = [*people.HANDLERS, *teams.HANDLERS, *importing.HANDLERS]
