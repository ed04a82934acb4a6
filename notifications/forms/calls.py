"""Forms of the call list of a session."""

from typing import Annotated

from msgspec import Struct, field

from lopso.web.forms import IdField, Many, Text, Tick
from notifications.queries.call_list import LISTED

People = Annotated[tuple[int, ...], Many(IdField(), most=LISTED)]


class CallForm(Struct, frozen=True, kw_only=True):
    """Who was told of the session; `everybody`: the whole list."""

    learner_ids: Annotated[tuple[int, ...], Many(IdField(), most=LISTED)] = field(name="nguoi", default=())
    trainer_ids: Annotated[tuple[int, ...], Many(IdField(), most=LISTED)] = field(
        name="nguoi_day", default=()
    )
    everybody: Tick = field(name="tat_ca", default=False)


class CallInstant(Struct, frozen=True, kw_only=True):
    """What was noted at one instant, as `encode_instant` writes it."""

    at: Annotated[str, Text(20)] = field(name="luc", default="")
