"""One appointment, told of by mails and shown by a feed: no calendar program ever drops what is newer."""

from dataclasses import dataclass, field, replace
from typing import Literal

from hypothesis import given
from hypothesis import strategies as st

from invitations.rules.feeds import InviteVersion, shown_sequence
from invitations.rules.invites import (
    InviteChange,
    Invitee,
    MailPurpose,
    PlannedInvite,
    SentInvite,
    WantedInvite,
    plan_change,
)

MINH: Invitee = ("trainer", 3)
Act = Literal["moved", "renamed", "off", "on", "no_address", "address", "other_address", "went", "failed"]
ACTS: tuple[Act, ...] = (
    "moved", "renamed", "off", "on", "no_address", "address", "other_address", "went", "failed",
)  # fmt: skip

Content = tuple[int, bool]
"""Version of the session; whether the calendar is to hold it."""


@dataclass
class World:
    """A helper, a session, and what a calendar that reads everything was told, in order."""

    version: int = 1
    takes_part: bool = True
    address: str | None = "minh@example.org"
    planned: PlannedInvite | None = None
    letters: list[tuple[MailPurpose, str, int | None]] = field(
        default_factory=list[tuple[MailPurpose, str, int | None]]
    )
    heard: list[tuple[int, Content]] = field(default_factory=list[tuple[int, Content]])

    def plan(self, *, text_changed: bool = False) -> None:
        wanted = self.takes_part and self.address is not None
        invitee = WantedInvite(7, MINH, self.address or "") if wanted else None
        found = plan_change(invitee, self.planned, version=self.version, text_changed=text_changed)
        if found is not None:
            self._store(found)

    def _store(self, found: InviteChange) -> None:
        sent = self.planned.sent if self.planned else None
        self.planned = PlannedInvite(
            1, 7, MINH, found.sequence, found.state, found.session_version, found.address, False, sent
        )
        if found.old_address_cancellation is not None:
            self.letters.append(
                (
                    "cancellation",
                    found.old_address_cancellation.address,
                    found.old_address_cancellation.sequence,
                )
            )
        if found.mail_purpose is not None:
            self.letters.append((found.mail_purpose, found.address, None))

    def go(self, *, arrives: bool) -> None:
        """The mails that wait go, those that still say something; farewells first or last."""
        for purpose, address, kept in self.letters:
            now = self.planned
            assert now is not None
            here = now.address == address
            ends = purpose == "cancellation"
            if here and now.state != ("cancelled" if ends else "invited"):
                continue
            if not here and kept is None:
                continue
            sequence = now.sequence if here or kept is None else kept
            if arrives:
                self.heard.append((sequence, (now.session_version, not ends)))
                sent = SentInvite(purpose, sequence, now.session_version, address, certain=True)
                if now.sent is None or now.sent.sequence < sequence:
                    self.planned = replace(now, sent=sent)
        self.letters.clear()

    def show(self) -> None:
        """The feed, or the file, is read."""
        now = self.planned
        planned = InviteVersion(now.sequence, now.session_version, now.state == "invited") if now else None
        shown = shown_sequence(self.version, planned, holds=self.takes_part)
        self.heard.append((shown, (self.version, self.takes_part)))


@given(st.lists(st.sampled_from(ACTS), max_size=14))
def test_sequence_never_falls_in_mails_and_feeds(acts: list[Act]) -> None:
    world = World()
    world.plan()
    highest = 0
    for act in acts:
        if act == "moved":
            world.version += 1
        elif act in ("off", "on"):
            world.takes_part = act == "on"
        elif act == "no_address":
            world.address = None
        elif act == "address":
            world.address = "minh@example.org"
        elif act == "other_address":
            world.address = "minh.le@example.org"
        before = len(world.heard)
        if act in ("went", "failed"):
            world.go(arrives=act == "went")
        else:
            world.plan(text_changed=act == "renamed")
        world.show()
        mails, (shown, _content) = world.heard[before:-1], world.heard[-1]
        # A feed is never behind what a calendar has, and a plan is never behind what a feed showed before.
        assert shown >= max([highest, *(sequence for sequence, _said in mails)])
        assert world.planned is None or shown >= world.planned.sequence
        highest = shown


@given(st.lists(st.sampled_from(ACTS), max_size=14))
def test_each_sequence_stands_for_one_content(acts: list[Act]) -> None:
    """As long as the helper has an address: no two times, and not the end either, share a number."""
    world = World()
    world.plan()
    for act in acts:
        if act == "moved":
            world.version += 1
        elif act in ("off", "on"):
            world.takes_part = act == "on"
        if act in ("went", "failed"):
            world.go(arrives=act == "went")
        else:
            world.plan(text_changed=act == "renamed")
        world.show()

    said: dict[int, set[Content]] = {}
    for sequence, content in world.heard:
        said.setdefault(sequence, set()).add(content)
    assert not {sequence: contents for sequence, contents in said.items() if len(contents) > 1}
