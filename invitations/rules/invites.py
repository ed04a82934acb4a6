"""Which invite should exist, what was planned and sent of it so far, and which mail follows from that.

RFC 5546: an appointment keeps its UID for ever; a change has a higher SEQUENCE; only an appointment that was
sent can be cancelled. "Sent" includes "perhaps sent". Every change that is planned has a SEQUENCE of its own,
sent or not, since feeds show it at once.
"""

from dataclasses import dataclass
from typing import Literal

from invitations.rules.feeds import (
    InviteVersion,
    helper_uid,
    learner_uid,
    shown_sequence,
    staff_uid,
)

InviteeKind = Literal["trainer", "learner", "user"]
Invitee = tuple[InviteeKind, int]
"""Kind and id of a helper, a learner, or a staff member subscribed to the ward's sessions."""

INVITEE_KINDS: tuple[InviteeKind, ...] = ("trainer", "learner", "user")

MailPurpose = Literal["invitation", "change", "cancellation"]
InviteState = Literal["invited", "cancelled"]

_UIDS = {"trainer": helper_uid, "learner": learner_uid, "user": staff_uid}


@dataclass(frozen=True, slots=True)
class WantedInvite:
    """An invite that should exist: who, into which session, at which e-mail address."""

    session_id: int
    invitee: Invitee
    address: str


@dataclass(frozen=True, slots=True)
class SentInvite:
    """An invite as last sent, or perhaps sent.

    Attributes:
        purpose: "cancellation" removed the appointment from the calendar.
        certain: the mail server accepted the mail.
    """

    purpose: MailPurpose
    sequence: int
    session_version: int
    address: str
    certain: bool

    @property
    def holds(self) -> bool:
        """Whether a calendar may hold the appointment."""
        return self.purpose != "cancellation" or not self.certain


@dataclass(frozen=True, slots=True)
class PlannedInvite:
    """An invite as last planned (`state`, `session_version`, `address`) and as last sent.

    `cancellation_planned`: a mail that cancels it is planned or being sent.
    """

    id: int
    session_id: int
    invitee: Invitee
    sequence: int
    state: InviteState
    session_version: int
    address: str
    cancellation_planned: bool
    sent: SentInvite | None


@dataclass(frozen=True, slots=True)
class OldAddressCancellation:
    """A cancellation for the invitee's former address, under its own SEQUENCE."""

    address: str
    sequence: int


@dataclass(frozen=True, slots=True)
class InviteChange:
    """What changes of an invite; `mail_purpose` is the mail that this needs, None for no mail."""

    session_id: int
    invitee: Invitee
    invite_id: int | None
    state: InviteState
    sequence: int
    session_version: int
    address: str
    mail_purpose: MailPurpose | None
    old_address_cancellation: OldAddressCancellation | None = None


@dataclass(frozen=True, slots=True)
class FailedNotice:
    """An invite of which a mail failed; `address`: the invitee's current one, None when unknown."""

    invite_id: int
    address: str | None


def invitee_of(trainer_id: int | None, learner_id: int | None, user_id: int | None) -> Invitee:
    """The invitee in the three columns of a row, of which exactly one is set."""
    for kind, invitee_id in zip(INVITEE_KINDS, (trainer_id, learner_id, user_id), strict=True):
        if invitee_id is not None:
            return (kind, invitee_id)
    raise ValueError("a row without an invitee")


def uid(session_id: int, invitee: Invitee) -> str:
    """The UID of an appointment; the same in mails and in calendar feeds, and never changed."""
    kind, invitee_id = invitee
    return _UIDS[kind](session_id, invitee_id)


def plan_change(
    wanted: WantedInvite | None,
    planned: PlannedInvite | None,
    *,
    version: int,
    failed: FailedNotice | None = None,
    text_changed: bool = False,
    restored: int | None = None,
) -> InviteChange | None:
    """The change that turns the invite as planned into the wanted one; None when nothing has to change.

    Args:
        wanted: None when the invitee's calendar should not hold the session.
        version: current version of the session.
        failed: staff ask for the mail to be sent again.
        text_changed: what calendars show of the session has changed, although the version is the same.
        restored: a former version that is as the current one: the change since was undone.
    """
    if wanted is None:
        return None if planned is None else _cancellation_change(planned, version, failed)
    if planned is None:
        return _first_invitation(wanted, version)
    state_planned = (planned.state, planned.session_version, planned.address)
    as_planned = state_planned == ("invited", version, wanted.address)
    if as_planned and failed is None and not text_changed:
        return None
    mail_purpose: MailPurpose | None = "invitation"
    sequence = _next_sequence(planned, version, holds=True)
    old_address_cancellation = None
    sent = planned.sent
    if sent is not None and sent.holds and sent.address != wanted.address:
        # Lower than the invitation: one calendar may read both addresses, in any order.
        old_address_cancellation = OldAddressCancellation(sent.address, sequence)
        sequence += 1
    elif sent is not None and sent.purpose != "cancellation":
        mail_purpose = "change"
        if as_planned and sent.certain and sent.sequence == planned.sequence and not text_changed:
            return None
        # Removed and added again before the mail about it was sent, and nothing else changed.
        as_sent = sent.certain and sent.session_version == version and planned.sequence == sent.sequence + 1
        back = sent.certain and restored is not None and sent.session_version == restored
        if (as_sent or back) and not as_planned and not text_changed:
            mail_purpose = None
    return InviteChange(
        planned.session_id,
        planned.invitee,
        planned.id,
        "invited",
        sequence,
        version,
        wanted.address,
        mail_purpose,
        old_address_cancellation,
    )


def _first_invitation(wanted: WantedInvite, version: int) -> InviteChange:
    return InviteChange(
        wanted.session_id,
        wanted.invitee,
        None,
        "invited",
        shown_sequence(version, None, holds=True),
        version,
        wanted.address,
        "invitation",
    )


def _cancellation_change(
    planned: PlannedInvite, version: int, failed: FailedNotice | None
) -> InviteChange | None:
    sent = planned.sent
    holds = sent is not None and sent.holds
    if planned.state == "cancelled" and (not holds or planned.cancellation_planned):
        return None
    # Cancelled at the address it was sent to, whatever the current one is; where that address failed, the
    # calendar that holds the appointment may read the current one.
    address = sent.address if sent is not None else planned.address
    return InviteChange(
        planned.session_id,
        planned.invitee,
        planned.id,
        "cancelled",
        _next_sequence(planned, version, holds=False),
        version,
        (failed.address if failed else None) or address,
        "cancellation" if holds else None,
    )


def _next_sequence(planned: PlannedInvite, version: int, *, holds: bool) -> int:
    """A SEQUENCE higher than any that mails and feeds have shown so far."""
    current = InviteVersion(planned.sequence, planned.session_version, planned.state == "invited")
    shown = shown_sequence(version, current, holds=holds)
    return max(shown + (not current.holds), planned.sequence + 1)
