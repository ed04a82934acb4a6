"""Forms of learners' cards and of the learner's own page."""

from typing import Annotated

from msgspec import Struct, field

from learners.models import AUDIENCES
from learners.queries.learners import LearnerFilters
from lopso.kernel.i18n import LANGUAGES
from lopso.web.forms import Choice, IdField, PageNumber, Tick


class CardSelection(Struct, frozen=True, kw_only=True):
    """Whose cards: by neighbourhood, audience, without a printed card yet; `part` is the file, from 1."""

    neighbourhood: Annotated[int | None, IdField()] = field(default=None, name="to")
    audience: Annotated[str | None, Choice(AUDIENCES)] = field(default=None, name="nhom")
    without_card: Tick = field(default=False, name="chua_in")
    part: PageNumber = field(default=1, name="phan")

    @property
    def filters(self) -> LearnerFilters:
        """The part of the ward's learners."""
        return LearnerFilters(self.neighbourhood, self.audience)


class ReadingForm(Struct, frozen=True, kw_only=True):
    """A language, or the size of the letters: "to" is large, "vua" is normal."""

    choice: Annotated[str | None, Choice((*LANGUAGES, "to", "vua"))] = field(default=None, name="doc")


class TextPreferenceForm(Struct, frozen=True, kw_only=True):
    """All texts ("nhan"), no reminders ("thoi-nhac"), or none at all ("thoi-het")."""

    choice: Annotated[str | None, Choice(("nhan", "thoi-nhac", "thoi-het"))] = field(default=None, name="tin")


class MailPreferenceForm(Struct, frozen=True, kw_only=True):
    """Invitations by mail ("nhan") or none ("thoi")."""

    choice: Annotated[str | None, Choice(("nhan", "thoi"))] = field(default=None, name="thu")
