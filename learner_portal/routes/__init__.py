"""Routes of learners' cards and pages."""

from learner_portal.routes import cards, page

HANDLERS = [*cards.HANDLERS, *page.HANDLERS]
