"""A learner with a printed card."""

import pytest

from learners.models import Learner
from lopso.kernel.settings import Settings
from notifications.service.policy import load_policy
from tests.classroom import add_learner
from tests.conftest import TestApp
from tests.factories import NOON, TEST, add_ward
from tests.learner_portal.cards import SHARED, card_of
from wordings.service.shipped import load_wordings


@pytest.fixture
async def hong(app: TestApp) -> Learner:
    """Bà Nguyễn Thị Hồng, with nothing planned yet."""
    async with app.sessions.begin() as db:
        await add_ward(db)
        await load_wordings(db, by=TEST, now=NOON)
        await load_policy(db, by=TEST, now=NOON)
        return await add_learner(db, "Nguyễn Thị Hồng", phone=SHARED)


@pytest.fixture
async def page(app: TestApp, hong: Learner, settings: Settings) -> str:
    """The path of her page."""
    async with app.sessions.begin() as db:
        return await card_of(db, hong, settings)
