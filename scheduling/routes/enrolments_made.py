"""The result of enrolling several learners: one table, and undoing all of it at once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any, Literal
from urllib.parse import quote

from litestar import get, post
from litestar.response import Response
from sqlalchemy.ext.asyncio import AsyncSession

from learners.queries.consents import refusing_texts
from lopso.kernel import formatting
from lopso.kernel.access import Actor, Permission
from lopso.kernel.i18n import gettext as _
from lopso.kernel.i18n import ngettext
from lopso.kernel.text import capitalized
from lopso.web.guards import of_row
from lopso.web.pages import page, redirect
from scheduling.forms.enrolments import EnrolledAtQuery
from scheduling.models import ClassSession
from scheduling.queries.enrolments_made import MadeEnrolment, enrolments_made_at, sessions_enrolled_at
from scheduling.queries.places import place_of
from scheduling.routes.access import planned_session
from scheduling.routes.enrolment_results import (
    names_of,
    names_of_promoted,
    outcome_text,
    told_of,
    undone_text,
)
from scheduling.routes.learner_picker import about_learner
from scheduling.service.enrolments import EnrolmentResult, full_name
from scheduling.service.undone_enrolments import undo_enrolments

HERE = "/buoi/{session_id:int}/ghi-danh"
SeatTone = Literal["ok", "warn"]


@dataclass(frozen=True, slots=True)
class ResultRow:
    """One learner of the table; `notes` are pairs of tone and text; `href` is the learner's page or ""."""

    name: str
    about: str
    href: str
    waits: bool
    notes: Sequence[tuple[SeatTone, str]]


def result_address(session_id: int, at: datetime) -> str:
    """Where the result of the act at this instant is shown."""
    return f"/buoi/{session_id}/ghi-danh/ket-qua?luc={quote(at.isoformat())}"


def undo_address(session_id: int, at: datetime) -> str:
    """Where the act at this instant is undone."""
    return f"/buoi/{session_id}/ghi-danh/hoan-tac?luc={quote(at.isoformat())}"


@get(HERE + "/ket-qua", opt=of_row(Permission.PLAN))
async def enrolment_result(
    session_id: int, db: AsyncSession, actor: Actor, now: datetime, params: EnrolledAtQuery
) -> Response[Any]:
    """A row for each learner whom this person enrolled then; seven statements.

    Where nobody was, or it was undone, the page of the session's learners is shown.
    """
    session = await planned_session(db, session_id, actor)
    at = params.at
    made = await enrolments_made_at(db, session, at, by=actor) if at is not None else ()
    if at is None or not made:
        return redirect(f"/buoi/{session_id}/ghi-danh")
    done = [_result(each) for each in made]
    learners = {each.enrolment.learner_id: each.enrolment.learner for each in made}
    people = [list(rows) for _id, rows in groupby(made, key=lambda each: each.enrolment.learner_id)]
    sessions = list({each.session.id: each.session for each in made}.values())
    rows = sorted((_row(each, actor) for each in people), key=lambda row: not row.waits)
    return page(
        "scheduling/enrolment_results.html",
        ward_id=session.ward_id,
        session=session,
        place=place_of(session),
        title=_title(rows, whole=len(sessions) == 1),
        totals=_totals(rows, whole=len(sessions) == 1),
        told=told_of(session, done, learners, refusing=await refusing_texts(db, learners)),
        people=rows,
        dates=_dates(sessions, done, names_of(done, learners)) if len(sessions) > 1 else [],
        undo=undo_address(session_id, at) if any(each.starts_at > now for each in sessions) else None,
    )


@post(HERE + "/hoan-tac", status_code=200, opt=of_row(Permission.PLAN))
async def undo_enrolling(
    session_id: int, db: AsyncSession, actor: Actor, now: datetime, params: EnrolledAtQuery
) -> Response[Any]:
    """Take everybody off whom this person enrolled at that instant."""
    session = await planned_session(db, session_id, actor)
    here = f"/buoi/{session_id}/ghi-danh"
    if params.at is None:
        return redirect(here)
    ids = await sessions_enrolled_at(db, session, params.at, by=actor)
    undone = await undo_enrolments(db, ids, enrolled_at=params.at, by=actor, now=now)
    flash = undone_text(undone, await names_of_promoted(db, undone.promoted))
    smooth = undone.removed and not undone.begun
    return redirect(here, flash=flash, kind="ok" if smooth else "warn")


def _row(rows: Sequence[MadeEnrolment], actor: Actor) -> ResultRow:
    learner = rows[0].enrolment.learner
    seen = actor.may(Permission.SEE_PEOPLE, learner.ward_id)
    return ResultRow(
        full_name(learner),
        about_learner(learner),
        f"/nguoi-hoc/{learner.ward_id}/{learner.id}" if seen else "",
        any(each.position is not None for each in rows),
        [*(_series_notes(rows) if len(rows) > 1 else [_note(rows[0])]), *_overlaps(rows)],
    )


def _note(each: MadeEnrolment) -> tuple[SeatTone, str]:
    if each.position is not None:
        return "warn", _("Danh sách chờ, thứ %(n)s", n=each.position)
    return "ok", _("Có chỗ")


def _series_notes(rows: Sequence[MadeEnrolment]) -> list[tuple[SeatTone, str]]:
    seats = sum(each.position is None for each in rows)
    notes: list[tuple[SeatTone, str]] = []
    if seats:
        notes.append(("ok", ngettext("Có chỗ ở %(n)s buổi", "Có chỗ ở %(n)s buổi", seats)))
    for each in rows:
        if each.position is not None:
            day = capitalized(formatting.weekday_and_date(each.session.starts_at))
            notes.append(("warn", _("%(day)s: danh sách chờ, thứ %(n)s", day=day, n=each.position)))
    return notes


def _overlaps(rows: Sequence[MadeEnrolment]) -> list[tuple[SeatTone, str]]:
    notes: list[tuple[SeatTone, str]] = []
    for each in rows:
        if each.overlap is not None:
            when = formatting.day_and_hours(each.overlap.starts_at, each.overlap.ends_at)
            text = _("Trùng giờ với “%(title)s”, %(when)s", title=each.overlap.title, when=when)
            notes.append(("warn", text))
    return notes


def _title(rows: Sequence[ResultRow], *, whole: bool) -> str:
    """The sentence on top: "Đã ghi danh 20 người, 2 người phải chờ chỗ"."""
    waiting = sum(row.waits for row in rows)
    words = ngettext("Đã ghi danh %(n)s người", "Đã ghi danh %(n)s người", len(rows))
    if not waiting:
        return _("%(enrolled)s, ai cũng có chỗ", enrolled=words)
    if waiting == len(rows) and whole:
        return _("%(enrolled)s vào danh sách chờ", enrolled=words)
    return _("%(enrolled)s, %(n)s người phải chờ chỗ", enrolled=words, n=waiting)


def _totals(rows: Sequence[ResultRow], *, whole: bool) -> list[Mapping[str, str]]:
    """How many people fared how, each counted once, in the shape of `ui.attention`."""
    waiting = sum(row.waits for row in rows)
    words: list[tuple[Literal["ok", "warn"], int, str]] = [
        ("ok", len(rows) - waiting, _("người có chỗ") if whole else _("người có chỗ ở mọi buổi")),
        (
            "warn",
            waiting,
            _("người vào danh sách chờ") if whole else _("người phải chờ chỗ ở ít nhất một buổi"),
        ),
    ]
    return [{"kind": kind, "number": str(n), "text": text} for kind, n, text in words if n]


def _result(each: MadeEnrolment) -> EnrolmentResult:
    return EnrolmentResult(
        learner_id=each.enrolment.learner_id,
        name=full_name(each.enrolment.learner),
        session_id=each.session.id,
        starts_at=each.session.starts_at,
        state=each.enrolment.state,
        position=each.position,
        already=not each.new,
        overlap=each.overlap,
    )


def _dates(
    sessions: Sequence[ClassSession], done: Sequence[EnrolmentResult], names: Mapping[int, str]
) -> list[tuple[ClassSession, str]]:
    """The sessions of a series by time, and in a sentence what became of it there."""
    return [
        (session, outcome_text([each for each in done if each.session_id == session.id], names, whole=False))
        for session in sorted(sessions, key=lambda each: (each.starts_at, each.id))
    ]


HANDLERS = [enrolment_result, undo_enrolling]
