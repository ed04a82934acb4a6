"""Forms and queries of the pages about mails and feeds."""

from typing import Annotated

from msgspec import Struct, field

from lopso.web.forms import Choice, PageNumber, Tick


class WardMailsQuery(Struct, frozen=True, kw_only=True):
    """Which mails of a ward, and which page of them."""

    shown: Annotated[str, Choice(["can-xem"])] = field(default="", name="loc")
    number: PageNumber = field(default=1, name="trang")

    @property
    def only_problems(self) -> bool:
        """Only mails that need somebody's attention."""
        return self.shown == "can-xem"


class SandboxMailboxQuery(Struct, frozen=True, kw_only=True):
    """Which page of the test mailbox."""

    number: PageNumber = field(default=1, name="trang")


class WardFeedsQuery(Struct, frozen=True, kw_only=True):
    """Which page of a ward's venues."""

    number: PageNumber = field(default=1, name="trang")


class SubscriptionForm(Struct, frozen=True, kw_only=True):
    """Whether the ward's sessions are sent to one's own mailbox."""

    subscribed: Tick = field(default=False, name="gui")
