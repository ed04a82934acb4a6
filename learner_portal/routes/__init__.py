"""Routes of learners' cards and pages."""

from learner_portal.routes import cards, changes, page

HANDLERS = [*cards.HANDLERS, *page.HANDLERS, *changes.HANDLERS]
