"""Whatever is done to a series, one thing after another: no clash, no lost history, stable identities."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from invitations.models import Invite
from lopso.kernel.clock import local_day
from lopso.kernel.errors import InvalidInput, NotFound, Refused
from notifications.models import Message
from scheduling.models import ClassSession, Series, SeriesChangeSession
from scheduling.queries.series_history import last_change
from scheduling.queries.series_scope import family_of
from scheduling.queries.series_slots import slots_of_family
from scheduling.queries.series_state import series_state
from scheduling.rules.plan import SessionChange
from scheduling.rules.recurrence import weekly_slot
from scheduling.service.changes import change_session
from scheduling.service.series_changes import cancel_series, change_series
from scheduling.service.series_end import end_series
from scheduling.service.sessions import cancel_session, publish_sessions
from scheduling.service.undone_series_changes import undo_series_change
from staffing.queries.further_dates import further_dates
from staffing.queries.series_model import series_model
from staffing.service.further_meetings import Extension, extend_series, extension_plan
from staffing.service.reopening import reopen_sessions
from staffing.service.series_copy import SeriesCopy, copy_plan, copy_series
from tests.classroom import add_learner, enrol
from tests.factories import NOON
from tests.planning import WARD, Planning, add_planning, add_trainer, assign
from tests.scheduling.series_changes import FRIDAY, TUESDAY, tuesdays
from wordings.service.shipped import load_wordings

NUMBER = st.integers(0, 11)
SCOPES = st.sampled_from(["following", "all"])
STEPS = st.one_of(
    st.tuples(st.just("move one"), NUMBER, st.integers(-3, 3), st.integers(7, 17)),
    st.tuples(st.just("other weekday"), NUMBER, st.integers(-6, 8), SCOPES),
    st.tuples(st.just("other hour"), NUMBER, st.integers(7, 17), SCOPES),
    st.tuples(st.just("extend"), st.integers(1, 3), st.booleans()),
    st.tuples(st.just("copy"), st.integers(1, 40)),
    st.tuples(st.just("cancel one"), NUMBER),
    st.tuples(st.just("cancel"), NUMBER, SCOPES),
    st.tuples(st.just("reopen"), NUMBER),
    st.tuples(st.just("end"), NUMBER),
    st.tuples(st.just("undo")),
    st.tuples(st.just("wait"), st.integers(1, 9)),
)


@dataclass
class Term:
    """A series and the present; `known` is how each session stood, `sequences` those of its invites."""

    db: AsyncSession
    here: Planning
    series_id: int
    now: datetime = NOON
    known: dict[int, Any] = field(default_factory=dict[int, Any])
    sequences: dict[str, int] = field(default_factory=dict[str, int])

    async def sessions(self) -> Sequence[ClassSession]:
        found = await self.db.scalars(
            select(ClassSession)
            .where(ClassSession.series_id.in_(family_of(WARD, self.series_id)))
            .order_by(ClassSession.original_start)
            .execution_options(populate_existing=True)
        )
        return found.all()

    async def do(self, step: tuple[Any, ...]) -> None:
        """Take one step; a refusal changes nothing."""
        if step[0] == "wait":
            self.now += timedelta(days=step[1])
            return
        sessions = await self.sessions()
        number: int = -1 if step[0] in ("extend", "copy", "undo") else step[1] % len(sessions)
        one = sessions[number]
        savepoint = await self.db.begin_nested()
        try:
            await self._act(step, one)
        except (Refused, InvalidInput):
            await savepoint.rollback()
        else:
            await savepoint.commit()
        self.db.expire_all()

    async def _act(self, step: tuple[Any, ...], one: ClassSession) -> None:
        db, by = self.db, self.here.by
        day = local_day(one.starts_at)
        match step:
            case ("move one", _, days, hour):
                change = SessionChange(day=day + timedelta(days=days), starts_at=time(hour))
                await change_session(db, one.id, change, by=by, now=self.now)
            case ("other weekday", _, days, scope):
                change = SessionChange(day=day + timedelta(days=days))
                await change_series(db, one.id, change, scope=scope, by=by, now=self.now)
            case ("other hour", _, hour, scope):
                change = SessionChange(starts_at=time(hour))
                await change_series(db, one.id, change, scope=scope, by=by, now=self.now)
            case ("extend", number, publish):
                await self._extend(one.series_id or 0, number, publish)
            case ("copy", days):
                await self._copy(one.series_id or 0, local_day(self.now) + timedelta(days=days))
            case ("cancel one", _):
                await cancel_session(db, one.id, reason="Mưa lớn", by=by, now=self.now)
            case ("cancel", _, scope):
                await cancel_series(db, one.id, reason="Mưa lớn", scope=scope, by=by, now=self.now)
            case ("undo",):
                await self._undo(one.series_id or 0)
            case ("reopen", _):
                await reopen_sessions(db, [one.id], by=by, now=self.now)
            case _:
                await end_series(
                    db, WARD, one.series_id or 0, last_day=day, reason="Hết đợt", by=by, now=self.now
                )

    async def _extend(self, series_id: int, number: int, publish: bool) -> None:
        try:
            model = await series_model(self.db, WARD, series_id)
        except NotFound:  # all its meetings are cancelled
            return
        wanted = Extension(None, number, learners=True, helpers=True, publish=publish)
        plan = extension_plan(model, wanted, now=self.now)
        seen = await further_dates(
            self.db, WARD, plan, learners=(), helpers=(), starts=model.starts, now=self.now
        )
        picked = [each.date.meeting.slot.starts_at for each in seen.lines if each.possible]
        await extend_series(self.db, WARD, series_id, wanted, picked=picked, by=self.here.by, now=self.now)

    async def _undo(self, series_id: int) -> None:
        """All is as before the last change, but for the versions; a refusal leaves all as it is."""
        change = await last_change(self.db, WARD, series_id, now=self.now)
        if change is None:
            return
        kept = await self.db.scalars(
            select(SeriesChangeSession).where(SeriesChangeSession.change_id == change.id)
        )
        before = {each.session_id: {**each.before, "version": 0} for each in kept}
        await undo_series_change(self.db, WARD, change.id, by=self.here.by, now=self.now)
        state = await series_state(self.db, WARD, self.series_id)
        assert {number: {**state.sessions[number], "version": 0} for number in before} == before

    async def _copy(self, series_id: int, day: date) -> None:
        """Its meetings are drafts, each on a free date; the original stays as it is, which `check` sees."""
        try:
            model = await series_model(self.db, WARD, series_id)
        except NotFound:  # all its meetings are cancelled
            return
        wanted = SeriesCopy(day, None, learners=True, helpers=True)
        plan = copy_plan(model, wanted, now=self.now)
        seen = await further_dates(self.db, WARD, plan, learners=(), helpers=(), now=self.now)
        picked = [each.date.meeting.slot.starts_at for each in seen.lines if each.possible]
        done = await copy_series(
            self.db, WARD, series_id, wanted, picked=picked, by=self.here.by, now=self.now
        )
        made = await self.db.scalars(select(ClassSession).where(ClassSession.series_id == done.series_id))
        assert {each.starts_at for each in made} <= set(picked)
        assert not {each.id for each in made} & set(self.known)
        told = select(Message.id).where(Message.session_id.in_(done.meetings.session_ids))
        assert (await self.db.scalars(told)).first() is None

    async def check(self) -> None:
        """What holds after every step."""
        sessions = await self.sessions()
        self._check_identities(sessions)
        await self._check_rule(sessions)
        await self._check_told({each.id: each for each in sessions})
        standing = sorted(
            (each for each in sessions if not each.cancelled_at), key=lambda each: each.starts_at
        )
        for one, following in pairwise(standing):
            assert one.ends_at <= following.starts_at

    def _check_identities(self, sessions: Sequence[ClassSession]) -> None:
        stands = {each.id: each for each in sessions}
        for session_id, (original, slot, cancelled, version, begun) in self.known.items():
            now_is = stands[session_id]  # none is lost
            same = (now_is.starts_at, now_is.ends_at) == slot and now_is.cancelled_at == cancelled
            assert now_is.original_start == original
            assert same or not begun
            assert (now_is.version == version) is same
        self.known = {
            each.id: (
                each.original_start,
                (each.starts_at, each.ends_at),
                each.cancelled_at,
                each.version,
                each.ends_at <= self.now,
            )
            for each in sessions
        }

    async def _check_rule(self, sessions: Sequence[ClassSession]) -> None:
        """A meeting to come is where the rule of its series puts it, or known to have been moved alone."""
        rules = await slots_of_family(self.db, sessions[0])
        ends = {each.id: each.ends_on for each in await self.db.scalars(select(Series))}
        for each in sessions:
            if each.starts_at <= self.now:
                continue
            start = each.rule_start or each.starts_at
            slot = weekly_slot(start, start + timedelta(minutes=90))
            slots = {(rule.weekday, rule.starts_at) for rule in rules[each.series_id or 0]}
            assert (slot.weekday, slot.starts_at) in slots
            last_day = ends[each.series_id or 0]
            assert each.cancelled_at or last_day is None or local_day(min(start, each.starts_at)) <= last_day

    async def _check_told(self, sessions: dict[int, ClassSession]) -> None:
        """Reminders and invites speak of the sessions as they are; SEQUENCE never falls, a UID stays."""
        planned = await self.db.scalars(
            select(Message).where(
                Message.state == "planned", Message.purpose.in_(("reminder_day_before", "reminder_same_day"))
            )
        )
        for text in planned:
            about = sessions[text.session_id or 0]
            if about.starts_at > self.now:
                assert (about.cancelled_at, text.session_version) == (None, about.version)
                assert text.due_at < about.starts_at
        for invite in await self.db.scalars(select(Invite)):
            about = sessions[invite.session_id]
            assert invite.sequence >= self.sequences.get(invite.uid, 0)
            self.sequences[invite.uid] = invite.sequence
            if about.starts_at > self.now:
                assert invite.session_version == about.version
                assert (invite.state == "cancelled") is (about.cancelled_at is not None)


async def check_sequence(db: AsyncSession, steps: Sequence[tuple[Any, ...]]) -> None:
    """Do the steps one after the other; check the whole term after each."""
    example = await db.begin_nested()
    try:
        here = await add_planning(db)
        await load_wordings(db, by=here.by, now=NOON)
        sessions = await tuesdays(db, here, meetings=6, slots=(TUESDAY, FRIDAY))
        learner = await add_learner(db, "Trần Thị Ánh", phone="+84905123456")
        helper = await add_trainer(db)
        helper.email = "phuoc@example.org"
        for each in sessions:
            await enrol(db, each, learner)
            await assign(db, each, helper)
        await publish_sessions(db, [each.id for each in sessions], by=here.by, now=NOON)
        term = Term(db, here, sessions[0].series_id or 0)
        await term.check()
        for step in steps:
            await term.do(step)
            await term.check()
    finally:
        await example.rollback()
        db.expunge_all()


_EXAMPLES = settings(
    max_examples=6, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


@settings(_EXAMPLES)
@given(steps=st.lists(STEPS, min_size=3, max_size=7))
async def test_any_sequence_keeps_history_identities_and_news(
    db: AsyncSession, steps: list[tuple[Any, ...]]
) -> None:
    await check_sequence(db, steps)


@pytest.mark.long
@settings(_EXAMPLES, max_examples=120)
@given(steps=st.lists(STEPS, min_size=1, max_size=12))
async def test_many_sequences_keep_history_identities_and_news(
    db: AsyncSession, steps: list[tuple[Any, ...]]
) -> None:
    await check_sequence(db, steps)
