"""One appointment, told of by mails and shown by a feed: no calendar program ever drops what is newer."""

from dataclasses import dataclass, field, replace
from typing import Literal

from hypothesis import given
from hypothesis import strategies as st

from invitations.rules.feeds import Noted, number
from invitations.rules.invites import (
    Invitee,
    Person,
    Purpose,
    Standing,
    Step,
    Told,
    step,
)

MINH: Person = ("trainer", 3)
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
    standing: Standing | None = None
    letters: list[tuple[Purpose, str, int | None]] = field(
        default_factory=list[tuple[Purpose, str, int | None]]
    )
    heard: list[tuple[int, Content]] = field(default_factory=list[tuple[int, Content]])

    def plan(self, *, reworded: bool = False) -> None:
        wanted = self.takes_part and self.address is not None
        invitee = Invitee(7, MINH, self.address or "") if wanted else None
        found = step(invitee, self.standing, version=self.version, reworded=reworded)
        if found is not None:
            self._store(found)

    def _store(self, found: Step) -> None:
        told = self.standing.told if self.standing else None
        self.standing = Standing(
            1, 7, MINH, found.sequence, found.state, found.session_version, found.address, False, told
        )
        if found.farewell is not None:
            self.letters.append(("cancellation", found.farewell.address, found.farewell.sequence))
        if found.letter is not None:
            self.letters.append((found.letter, found.address, None))

    def go(self, *, arrives: bool) -> None:
        """The mails that wait go, those that still say something; farewells first or last."""
        for purpose, address, kept in self.letters:
            now = self.standing
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
                told = Told(purpose, sequence, now.session_version, address, certain=True)
                if now.told is None or now.told.sequence < sequence:
                    self.standing = replace(now, told=told)
        self.letters.clear()

    def show(self) -> None:
        """The feed, or the file, is read."""
        now = self.standing
        noted = Noted(now.sequence, now.session_version, now.state == "invited") if now else None
        shown = number(self.version, noted, holds=self.takes_part)
        self.heard.append((shown, (self.version, self.takes_part)))


@given(st.lists(st.sampled_from(ACTS), max_size=14))
def test_no_calendar_drops_what_is_newer(acts: list[Act]) -> None:
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
            world.plan(reworded=act == "renamed")
        world.show()
        mails, (shown, _content) = world.heard[before:-1], world.heard[-1]
        # A feed is never behind what a calendar has, and a plan is never behind what a feed showed before.
        assert shown >= max([highest, *(sequence for sequence, _said in mails)])
        assert world.standing is None or shown >= world.standing.sequence
        highest = shown


@given(st.lists(st.sampled_from(ACTS), max_size=14))
def test_what_mails_follow_has_one_number_for_one_thing(acts: list[Act]) -> None:
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
            world.plan(reworded=act == "renamed")
        world.show()

    said: dict[int, set[Content]] = {}
    for sequence, content in world.heard:
        said.setdefault(sequence, set()).add(content)
    assert not {sequence: contents for sequence, contents in said.items() if len(contents) > 1}
