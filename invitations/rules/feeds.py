"""Whose calendar a feed is, and under which identity a session stands in it."""

import base64
import hmac
import secrets
from dataclasses import dataclass
from typing import Literal

FeedKind = Literal["trainer", "ward", "venue", "learner"]


@dataclass(frozen=True, slots=True)
class FeedOwner:
    """Whose appointments a feed shows.

    Attributes:
        id: of the trainer, the venue or the learner; the code of the ward.
        ward_id: the ward of all of them.
        user_id: the officer who holds a ward's or venue's feed (each has their own); None for people's own.
    """

    kind: FeedKind
    id: int | str
    ward_id: str
    user_id: int | None = None

    def __post_init__(self) -> None:
        if (self.kind in ("ward", "venue")) != (self.user_id is not None):
            raise ValueError("a ward's or venue's feed is an officer's, a person's own feed is nobody else's")


_LETTERS: dict[str, FeedKind] = {"t": "trainer", "l": "learner", "w": "ward", "v": "venue"}
_OF_HELPERS = 43  # characters of the secrets that only helpers had, before wards and learners got feeds


def new_secret(kind: FeedKind) -> str:
    """A secret of 256 random bits behind a letter that says what it opens."""
    letter = next(letter for letter, each in _LETTERS.items() if each == kind)
    return letter + secrets.token_urlsafe(32)


def derived_secret(kind: FeedKind, key: str) -> str:
    """The secret of a feed that belongs to another secret: always the same, and no way back to `key`.

    Args:
        key: of at least 128 random bits.
    """
    letter = next(letter for letter, each in _LETTERS.items() if each == kind)
    made = hmac.digest(key.encode(), b"calendar-feed", "sha256")
    return letter + base64.urlsafe_b64encode(made).decode().rstrip("=")


def kind_of_secret(secret: str) -> FeedKind:
    """What a secret would open if there were such a feed."""
    return "trainer" if len(secret) <= _OF_HELPERS else _LETTERS.get(secret[0], "trainer")


@dataclass(frozen=True, slots=True)
class Noted:
    """What mails last noted of an appointment: under which number, at which version of the session.

    `holds`: that the calendar should hold it; False: that it was taken back.
    """

    sequence: int
    session_version: int
    holds: bool


def number(version: int, noted: Noted | None, *, holds: bool) -> int:
    """The SEQUENCE of an appointment as feeds and files show it now.

    A calendar program drops what has a lower number than what it has (RFC 5546, 2.1.5), wherever it came
    from: so this is never lower than what mails told of it, nor than what it was before. Another version of
    the session, and the end of the appointment, have numbers of their own. Of what mails no longer follow, to
    and fro has one number: there the later DTSTAMP counts.

    Args:
        version: of the session, as it is now.
        noted: None when no mail was ever planned.
        holds: whether the calendar is to hold the appointment now.
    """
    if noted is None:
        return version
    # Numbers of mails once began at 0, below the version.
    unturned = max(version, noted.sequence + version - noted.session_version)
    return unturned + (not noted.holds or not holds)


def helper_uid(session_id: int, trainer_id: int) -> str:
    """A helper's appointment, for life: the same in the feed, in mails and in "add to calendar"."""
    return f"buoi-{session_id}.nguoi-{trainer_id}@lopso"


def learner_uid(session_id: int, learner_id: int) -> str:
    """A learner's appointment, for life, wherever it is read."""
    return f"buoi-{session_id}.hoc-{learner_id}@lopso"


def officer_uid(session_id: int, user_id: int) -> str:
    """A session in the calendar of somebody who looks after it; of a ward and of a venue it is one event."""
    return f"buoi-{session_id}.can-bo-{user_id}@lopso"


def feed_uid(owner: FeedOwner, session_id: int) -> str:
    """The identity of a session in this owner's calendar."""
    if owner.kind == "trainer":
        return helper_uid(session_id, int(owner.id))
    if owner.kind == "learner":
        return learner_uid(session_id, int(owner.id))
    return officer_uid(session_id, owner.user_id or 0)
