"""Bringing in a list by page: send it, look at what was parsed, say yes, mend the doubtful rows.

The same for every kind of list; a room says in a `Desk` what is its own, and gets the doors.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, Protocol, TypeVar

from litestar import Request, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.response import Response
from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel import audit
from lopso.kernel.access import Actor, Permission
from lopso.kernel.i18n import gettext as _
from lopso.kernel.workbook import staging
from lopso.kernel.workbook.reading import WorkbookRefused
from lopso.kernel.workbook.results import DoubtfulRow, ImportResult, ParsedList, doubtful_workbook
from lopso.web.guards import in_ward
from lopso.web.pages import page, redirect
from lopso.web.uploads import uploaded, workbook_answer

T = TypeVar("T")


class SortedOut(Protocol):
    """Rows of a file against who is known in the ward."""

    @property
    def doubtful(self) -> Sequence[DoubtfulRow]:
        """Rows for a person to mend."""
        ...


@dataclass(frozen=True, slots=True)
class Desk(Generic[T]):
    """What is a room's own about its lists; `T` is its draft of one row.

    Attributes:
        kind: names the waiting lists (`StagedImport.kind`), and the templates' folder is `room`.
        address: where the room's people live; ``/{ward_id}/nhap`` follows.
        draft: makes a draft of its JSON form.
        understand: reads a file for a ward at an instant; saves nothing. May raise WorkbookRefused.
        save: saves the good rows of a ward, with the consents agreed to, for an actor, at an instant.
        labels: field → words.
        workbook_name: plain ASCII, of the doubtful rows to be mended.
    """

    kind: str
    room: str
    address: str
    draft: Callable[[dict[str, Any]], T]
    understand: Callable[[AsyncSession, bytes, str, datetime], Awaitable[ParsedList[T]]]
    sort_out: Callable[[AsyncSession, str, ParsedList[T]], Awaitable[SortedOut]]
    save: Callable[
        [AsyncSession, str, ParsedList[T], Sequence[str], Actor, datetime], Awaitable[ImportResult]
    ]
    labels: Callable[[], Mapping[str, str]]
    workbook_name: str

    def page(self, name: str, ward_id: str, *, status: int = 200, **context: Any) -> Response[Any]:
        """One of the room's three pages: upload, review, result."""
        return page(
            f"{self.room}/import_{name}.html",
            ward_id=ward_id,
            status=status,
            up=f"{self.address}/{ward_id}",
            **context,
        )


def doors(desk: Desk[T]) -> list[HTTPRouteHandler]:
    """The routes of one kind of list; all of them for those who keep a ward's people."""
    return [*_coming_in(desk), *_waiting(desk)]


def _coming_in(desk: Desk[T]) -> list[HTTPRouteHandler]:
    here = desk.address + "/{ward_id:str}/nhap"

    @get(here, opt=in_ward(Permission.MANAGE_PEOPLE))
    async def upload_page(ward_id: str, actor: Actor) -> Response[Any]:
        """Where to send a list."""
        in_ward(actor, Permission.MANAGE_PEOPLE, ward_id)
        return desk.page("upload", ward_id)

    @post(here, opt=in_ward(Permission.MANAGE_PEOPLE))
    async def upload(
        request: Request[Any, Any, Any], ward_id: str, db: AsyncSession, actor: Actor, now: datetime
    ) -> Response[Any]:
        """Understand a list; nothing is saved but what waits for a yes."""
        in_ward(actor, Permission.MANAGE_PEOPLE, ward_id)
        data = await uploaded(request, "file")
        try:
            if data is None:
                raise WorkbookRefused("none")
            parsed = await desk.understand(db, data, ward_id, now)
        except WorkbookRefused as refusal:
            return desk.page("upload", ward_id, status=422, errors={"file": refusal.sentence})
        staged = await staging.stage(
            db, kind=desk.kind, ward_id=ward_id, data=data, parsed=parsed, by=actor, now=now
        )
        return redirect(f"{desk.address}/{ward_id}/nhap/{staged.id}")

    return [upload_page, upload]


def _waiting(desk: Desk[T]) -> list[HTTPRouteHandler]:
    here = desk.address + "/{ward_id:str}/nhap/{staged_id:str}"

    @get(here, opt=in_ward(Permission.MANAGE_PEOPLE))
    async def review(ward_id: str, staged_id: str, db: AsyncSession, actor: Actor) -> Response[Any]:
        """What was parsed and what is doubtful; once saved, what was done."""
        in_ward(actor, Permission.MANAGE_PEOPLE, ward_id)
        staged = await staging.staged_in(db, desk.kind, ward_id, staged_id)
        result = staging.result_of(staged)
        if result is not None:
            return desk.page("result", ward_id, staged=staged, result=result)
        parsed = staging.parsed_list_of(staged, desk.draft)
        rows = await desk.sort_out(db, ward_id, parsed)
        return desk.page("review", ward_id, staged=staged, parsed=parsed, rows=rows, labels=desk.labels())

    @post(here + "/luu", opt=in_ward(Permission.MANAGE_PEOPLE))
    async def confirm(
        request: Request[Any, Any, Any],
        ward_id: str,
        staged_id: str,
        db: AsyncSession,
        actor: Actor,
        now: datetime,
    ) -> Response[Any]:
        """Save the good rows. A second yes changes nothing."""
        in_ward(actor, Permission.MANAGE_PEOPLE, ward_id)
        agreed = [str(each) for each in (await request.form()).getall("agreed", [])]
        staged = await staging.staged_in(db, desk.kind, ward_id, staged_id, lock=True)
        if staged.saved_at is None:
            parsed = staging.parsed_list_of(staged, desk.draft)
            staging.close(staged, await desk.save(db, ward_id, parsed, agreed, actor, now), now=now)
        return redirect(f"{desk.address}/{ward_id}/nhap/{staged_id}")

    @post(here + "/bo", opt=in_ward(Permission.MANAGE_PEOPLE))
    async def discard(ward_id: str, staged_id: str, db: AsyncSession, actor: Actor) -> Response[Any]:
        """Forget what was parsed."""
        in_ward(actor, Permission.MANAGE_PEOPLE, ward_id)
        await staging.forget(db, await staging.staged_in(db, desk.kind, ward_id, staged_id, lock=True))
        return redirect(f"{desk.address}/{ward_id}/nhap", flash=_("Đã bỏ tệp này, chưa lưu gì."))

    @post(here + "/can-xem-lai", status_code=200, opt=in_ward(Permission.MANAGE_PEOPLE))
    async def download(
        ward_id: str, staged_id: str, db: AsyncSession, actor: Actor, now: datetime
    ) -> Response[Any]:
        """The doubtful rows as a workbook to mend; noted, because phones go out."""
        in_ward(actor, Permission.MANAGE_PEOPLE, ward_id)
        staged = await staging.staged_in(db, desk.kind, ward_id, staged_id)
        result = staging.result_of(staged)
        if result is not None:
            header, rows = result.header, result.doubtful
        else:
            parsed = staging.parsed_list_of(staged, desk.draft)
            header, rows = parsed.header, (await desk.sort_out(db, ward_id, parsed)).doubtful
        audit.record(
            db,
            by=actor,
            now=now,
            action=f"{desk.kind}.doubtful_rows_downloaded",
            ward_id=ward_id,
            subject="staged_import",
            subject_id=staged_id,
            facts={"rows": len(rows)},
        )
        return workbook_answer(doubtful_workbook(header, rows), desk.workbook_name)

    return [review, confirm, discard, download]
