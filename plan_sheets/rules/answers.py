"""What a person answered on the pages of a plan sheet."""

import msgspec
from msgspec import Struct


class RowAnswer(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The answer for one row.

    Attributes:
        skip: leave the row out. seen: what is doubtful about it was looked at and is right.
        texts: by field, in place of those of the file.
        course, room, helper: ids chosen; `by_words` takes the place as it is written, without a room.
        drop: dates on which the room is taken are left out.
        keep: the series stays as it is, whatever the row says.
        another: it is a class of its own, not a change of the series that it is like.
    """

    skip: bool = False
    seen: bool = False
    texts: dict[str, str] = {}
    course: int | None = None
    room: int | None = None
    by_words: bool = False
    helper: int | None = None
    drop: bool = False
    another: bool = False
    keep: bool = False


NO_ANSWER = RowAnswer()


def written_answer(answer: RowAnswer) -> str:
    """The answer as a staged import keeps it."""
    return msgspec.json.encode(answer).decode()


def kept_answer(written: str) -> RowAnswer:
    """The answer that `written_answer` wrote; none where it is empty or of another form."""
    try:
        return msgspec.json.decode(written, type=RowAnswer) if written else NO_ANSWER
    except msgspec.DecodeError:
        return NO_ANSWER
