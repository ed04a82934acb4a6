"""Owners and secrets of calendar feeds; UID and SEQUENCE of the appointments in them."""

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
        ward_id: the ward that the owner belongs to.
        user_id: the staff member who holds a ward's or venue's feed (each has their own); None for a
            helper's or a learner's.
    """

    kind: FeedKind
    id: int | str
    ward_id: str
    user_id: int | None = None

    def __post_init__(self) -> None:
        if (self.kind in ("ward", "venue")) != (self.user_id is not None):
            raise ValueError("an officer's feed (of a ward or a venue) names its user, no other feed does")


_PREFIXES: dict[str, FeedKind] = {"t": "trainer", "l": "learner", "w": "ward", "v": "venue"}
_UNPREFIXED_LENGTH = 43  # characters of the first secrets, of helpers only, which have no prefix


def new_secret(kind: FeedKind) -> str:
    """A secret of 256 random bits after a letter for the kind of feed."""
    prefix = next(prefix for prefix, each in _PREFIXES.items() if each == kind)
    return prefix + secrets.token_urlsafe(32)


def derived_secret(kind: FeedKind, key: str) -> str:
    """The secret of a feed derived from another secret: deterministic, and does not reveal `key`.

    Args:
        key: of at least 128 random bits.
    """
    prefix = next(prefix for prefix, each in _PREFIXES.items() if each == kind)
    digest = hmac.digest(key.encode(), b"calendar-feed", "sha256")
    return prefix + base64.urlsafe_b64encode(digest).decode().rstrip("=")


def kind_of_secret(secret: str) -> FeedKind:
    """The kind of feed that a secret belongs to, if it is valid."""
    return "trainer" if len(secret) <= _UNPREFIXED_LENGTH else _PREFIXES.get(secret[0], "trainer")


@dataclass(frozen=True, slots=True)
class InviteVersion:
    """SEQUENCE and session version of an invite as last planned.

    `holds`: the calendar should hold the appointment; False: it was cancelled.
    """

    sequence: int
    session_version: int
    holds: bool


def shown_sequence(version: int, planned: InviteVersion | None, *, holds: bool) -> int:
    """The SEQUENCE of an appointment as feeds and files show it now.

    A calendar program ignores a lower SEQUENCE than the one it has (RFC 5546, 2.1.5), whatever its source: so
    this is never lower than what mails have sent of the appointment, nor than it was before. Each version of
    the session, and the cancellation, have a SEQUENCE of their own. Where no mail is planned any more, adding
    and removing share one; there the later DTSTAMP counts.

    Args:
        version: current version of the session.
        planned: None when no mail was ever planned.
        holds: whether the calendar should hold the appointment now.
    """
    if planned is None:
        return version
    # The first mails began at 0, below the version.
    current = max(version, planned.sequence + version - planned.session_version)
    return current + (not planned.holds or not holds)


def helper_uid(session_id: int, trainer_id: int) -> str:
    """UID of a helper's appointment; the same in the feed, in mails and in "add to calendar"."""
    return f"buoi-{session_id}.nguoi-{trainer_id}@lopso"


def learner_uid(session_id: int, learner_id: int) -> str:
    """UID of a learner's appointment, in feeds, mails and files."""
    return f"buoi-{session_id}.hoc-{learner_id}@lopso"


def staff_uid(session_id: int, user_id: int) -> str:
    """UID of a session in a staff member's calendar; the same in the feeds of the ward and of the venue."""
    return f"buoi-{session_id}.can-bo-{user_id}@lopso"


def feed_uid(owner: FeedOwner, session_id: int) -> str:
    """UID of a session in this owner's calendar."""
    if owner.kind == "trainer":
        return helper_uid(session_id, int(owner.id))
    if owner.kind == "learner":
        return learner_uid(session_id, int(owner.id))
    return staff_uid(session_id, owner.user_id or 0)
