"""Forms of learners' cards and of the learner's own page."""

from typing import Annotated

from msgspec import Struct

from learners.models import AUDIENCES
from learners.queries import LearnerFilters
from lopso.kernel.i18n import LANGUAGES
from lopso.web.forms import Choice, IdField, PageNumber, Tick


class CardSelection(Struct, frozen=True, kw_only=True):
    """Whose cards: by neighbourhood (`to`), audience (`nhom`), without a card yet; `phan` is the file."""

    to: Annotated[int | None, IdField()] = None
    nhom: Annotated[str | None, Choice(AUDIENCES)] = None
    chua_in: Tick = False
    phan: PageNumber = 1

    @property
    def filters(self) -> LearnerFilters:
        """The part of the ward's learners."""
        return LearnerFilters(self.to, self.nhom)


class ReadingForm(Struct, frozen=True, kw_only=True):
    """A language, or the size of the letters: "to" is large, "vua" is normal."""

    doc: Annotated[str | None, Choice((*LANGUAGES, "to", "vua"))] = None


class TextPreferenceForm(Struct, frozen=True, kw_only=True):
    """All texts ("nhan"), no reminders ("thoi-nhac"), or none at all ("thoi-het")."""

    tin: Annotated[str | None, Choice(("nhan", "thoi-nhac", "thoi-het"))] = None


class MailPreferenceForm(Struct, frozen=True, kw_only=True):
    """Invitations by mail ("nhan") or none ("thoi")."""

    thu: Annotated[str | None, Choice(("nhan", "thoi"))] = None
