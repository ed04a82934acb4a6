"""Pages to answer "is this the same person?", for one row or for all alike."""

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import itemgetter
from typing import Annotated, Any, Generic, TypeVar

from litestar import get, post
from litestar.handlers import HTTPRouteHandler
from litestar.response import Response
from msgspec import Struct
from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel.access import Actor
from lopso.kernel.i18n import ngettext
from lopso.kernel.paging import page_of
from lopso.kernel.workbook import staging
from lopso.kernel.workbook.answers import ASK, OTHER, SAME, SKIP, answer_labels
from lopso.kernel.workbook.matching import MatchedRows, Question
from lopso.kernel.workbook.results import ParsedList
from lopso.web.forms import Form, PageNumber, Text, WholeNumber
from lopso.web.guards import in_ward
from lopso.web.importing.config import ImportConfig
from lopso.web.pages import redirect

T = TypeVar("T")

_ON_A_PAGE = 20
_ANSWER = re.compile(rf"(?:{SAME}(?::\d{{1,18}})?|{OTHER}|{SKIP}|{ASK})?")
GroupNumber = Annotated[int, WholeNumber(0, 99)]


class QuestionParams(Struct, frozen=True, kw_only=True):
    """Which group of questions that are alike, from 0, and the page."""

    nhom: GroupNumber = 0
    trang: PageNumber = 1


class DoubtAnswerForm(QuestionParams, frozen=True, kw_only=True):
    """An answer for one row, or for all rows of the group that have none; `ASK` takes one back."""

    answer: Annotated[str, Text(30)] = ""
    row: Annotated[str, Text(30)] = ""


@dataclass(frozen=True, slots=True)
class QuestionGroup(Generic[T]):
    """Questions that are alike: the same does not fit. `open` is how many have no answer.

    `in_file`: they ask about two rows of the file, not about people the ward has.
    """

    difference: str
    in_file: bool
    questions: Sequence[Question[T]]

    @property
    def open(self) -> int:
        """How many have no answer."""
        return sum(not each.answer for each in self.questions)

    @property
    def several(self) -> int:
        """How many without an answer may be more than one person."""
        return sum(not each.answer and len(each.candidates) > 1 for each in self.questions)


def question_groups(rows: MatchedRows[T]) -> list[QuestionGroup[T]]:
    """The questions of a list by what they ask about, people the ward has first, and by what does not fit."""
    alike: defaultdict[tuple[bool, str], list[Question[T]]] = defaultdict(list)
    for each in rows.questions:
        alike[each.in_file, each.difference].append(each)
    return [
        QuestionGroup(difference, in_file, questions)
        for (in_file, difference), questions in sorted(alike.items(), key=itemgetter(0))
    ]


def answer_routes(config: ImportConfig[T]) -> list[HTTPRouteHandler]:
    """The questions of a list, and answers to them."""
    return [_questions_route(config), _answer_route(config)]


def _questions_route(config: ImportConfig[T]) -> HTTPRouteHandler:
    @get(config.staged_path + "/tra-loi", opt=in_ward(config.permission))
    async def questions(
        ward_id: str, staged_id: str, params: QuestionParams, db: AsyncSession, actor: Actor, now: datetime
    ) -> Response[Any]:
        """Rows that may be somebody known, old and new beside each other; audited, because of the phones."""
        staged = await config.staged(db, ward_id, staged_id)
        if staged.saved_at is not None:
            return redirect(config.here(staged))
        parsed = config.parsed(staged)
        groups = question_groups(await config.matched(db, staged, parsed))
        if not groups:
            return redirect(config.here(staged))
        number = min(params.nhom, len(groups) - 1)
        shown = page_of(groups[number].questions, params.trang, _ON_A_PAGE)
        config.note(db, staged, "known_compared", by=actor, now=now, rows=len(shown.items))
        return config.page(
            "questions",
            ward_id,
            staged=staged,
            groups=groups,
            number=number,
            shown=shown,
            reference=parsed.reference,
            facts=config.kind.facts,
            title_of=config.kind.title,
            labels=config.kind.labels(),
            answers=answer_labels(in_file=groups[number].in_file),
        )

    return questions


def _answer_route(config: ImportConfig[T]) -> HTTPRouteHandler:
    @post(config.staged_path + "/tra-loi", opt=in_ward(config.permission))
    async def answer(
        form: Form[DoubtAnswerForm], ward_id: str, staged_id: str, db: AsyncSession
    ) -> Response[Any]:
        """Note an answer; nothing is saved of the list."""
        given = form.value()
        staged = await config.staged(db, ward_id, staged_id, lock=True)
        if staged.saved_at is not None or not _ANSWER.fullmatch(given.answer):
            return redirect(config.here(staged))
        parsed = config.parsed(staged)
        groups = question_groups(await config.matched(db, staged, parsed))
        here = f"{config.here(staged)}/tra-loi?nhom={given.nhom}&trang={given.trang}"
        if given.row:
            known = {parsed.reference(each.row) for group in groups for each in group.questions}
            staging.answer(staged, {given.row} & known, given.answer)
            return redirect(f"{here}#dong-{given.row}")
        rows = _alike(groups, given, parsed)
        staging.answer(staged, rows, given.answer)
        said = ngettext("Đã trả lời cho %(n)s dòng.", "Đã trả lời cho %(n)s dòng.", len(rows))
        return redirect(here, flash=said)

    return answer


def _alike(groups: Sequence[QuestionGroup[T]], given: DoubtAnswerForm, parsed: ParsedList[T]) -> list[str]:
    """The rows of a group without an answer; "the same" only where one person may be meant."""
    if given.nhom >= len(groups) or given.answer not in (SAME, OTHER, SKIP):
        return []
    return [
        parsed.reference(each.row)
        for each in groups[given.nhom].questions
        if not each.answer and (given.answer != SAME or len(each.candidates) == 1)
    ]
