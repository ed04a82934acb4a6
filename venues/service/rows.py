"""What changes to places share: a name that is suitable, and not used twice."""

from collections.abc import Mapping

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel.db import violated
from lopso.kernel.errors import InvalidInput, NotFound
from lopso.kernel.i18n import gettext as _
from lopso.kernel.message_safety import unsuitable
from lopso.kernel.text import nfc
from venues.errors import NameTaken
from venues.models import Market, Neighbourhood, Room, Venue

LONGEST = 200  # characters of a name, an address, a landmark

_ONE_NAME = {
    "uq_venue_open_name",
    "uq_room_open_name",
    "uq_market_name_key_ward_id",
    "uq_neighbourhood_ward_id_name_key",
}


def tidy(text: str) -> str:
    """`text` composed, with single spaces, cut to `LONGEST`."""
    return " ".join(nfc(text).split())[:LONGEST]


def named(text: str) -> str:
    """`text` as a name of a place, which texts may say.

    Raises:
        InvalidInput: nothing is written, or what no text may say.
    """
    name = tidy(text)
    if not name:
        raise InvalidInput({"name": _("Xin ghi tên.")})
    if why := unsuitable(name):
        raise InvalidInput({"name": _("Tên này sẽ đứng trong tin nhắn. %(why)s", why=why)})
    return name


async def store(db: AsyncSession, row: Venue | Room | Market) -> None:
    """Insert `row`.

    Raises:
        NameTaken: an open place has this name.
        NotFound: it points at a row of another ward.
    """
    try:
        async with db.begin_nested():
            db.add(row)
    except IntegrityError as error:
        raise _refusal(error) from error


async def change(
    db: AsyncSession, row: Venue | Room | Market | Neighbourhood, values: Mapping[str, object]
) -> None:
    """Set `values` on `row` and write them.

    Raises:
        NameTaken: an open place has this name.
        NotFound: it points at a row of another ward.
    """
    try:
        async with db.begin_nested():
            for name, value in values.items():
                setattr(row, name, value)
    except IntegrityError as error:
        raise _refusal(error) from error


def _refusal(error: IntegrityError) -> Exception:
    constraint = violated(error)
    if constraint in _ONE_NAME:
        return NameTaken()
    # A form of ours offers only the ward's own neighbourhoods: somebody wrote the number by hand.
    return NotFound() if constraint and constraint.startswith("fk_") else error
