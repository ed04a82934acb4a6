"""Importing a list by page: upload, review, confirm or discard, download the rows to correct.

The same pages for every kind of list. `ImportConfig` says what differs; `import_routes` makes the routes.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Generic, TypeVar

from litestar import get, post
from litestar.handlers import HTTPRouteHandler
from litestar.response import Response
from msgspec import Struct
from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel import audit
from lopso.kernel.access import Actor, Permission
from lopso.kernel.i18n import gettext as _
from lopso.kernel.workbook import importing, staging, turns
from lopso.kernel.workbook.kinds import ListKind
from lopso.kernel.workbook.reading import WorkbookRefused
from lopso.kernel.workbook.results import doubtful_workbook
from lopso.kernel.workbook.staging import StagedImport
from lopso.kernel.workbook.turns import TooManyFiles
from lopso.web.forms import Form, Many, Text
from lopso.web.guards import in_ward
from lopso.web.pages import page, redirect
from lopso.web.request import Request
from lopso.web.uploads import LARGEST_UPLOAD, uploaded, workbook_answer

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportTexts:
    """Texts of the pages, in the reader's language.

    Attributes:
        people: who the list is about, for the way back. title: of the upload page.
        file, file_help: label and hint of the file field.
        see: the button to the saved records; `see_path` follows the address of the ward's people.
    """

    people: str
    title: str
    file: str
    file_help: str
    see: str
    see_path: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportConfig(Generic[T]):
    """How one kind of list is imported by page.

    Attributes:
        address: where the records of a ward live; ``/{ward_id}/nhap`` follows.
        workbook_name: plain ASCII, of the doubtful rows to correct.
        agreement: template of what is said or ticked (``agreed``) before saving.
    """

    kind: ListKind[T, Any]
    address: str
    texts: Callable[[], ImportTexts]
    workbook_name: str
    agreement: str | None = None

    def page(self, name: str, ward_id: str, *, status: int = 200, **context: Any) -> Response[Any]:
        """One of the three pages: upload, review, result."""
        return page(
            f"importing/{name}.html",
            ward_id=ward_id,
            status=status,
            up=f"{self.address}/{ward_id}",
            texts=self.texts(),
            **context,
        )

    async def staged(
        self, db: AsyncSession, ward_id: str, staged_id: str, *, lock: bool = False
    ) -> StagedImport:
        """The list of this kind and ward that waits or was saved; NotFound without one."""
        return await staging.staged_in(db, self.kind.name, ward_id, staged_id, lock=lock)


class AgreementForm(Struct, frozen=True, kw_only=True):
    """What was agreed to before saving, by the codes that the agreement's template offers."""

    agreed: Annotated[tuple[str, ...], Many(Text(60))] = ()


def import_routes(config: ImportConfig[T]) -> list[HTTPRouteHandler]:
    """The routes of one kind of list; all of them for those who manage a ward's people."""
    return [*_upload_routes(config), *_review_routes(config), *_saving_routes(config)]


def _upload_routes(config: ImportConfig[T]) -> list[HTTPRouteHandler]:
    path = config.address + "/{ward_id:str}/nhap"

    @get(path, opt=in_ward(Permission.MANAGE_PEOPLE))
    async def upload_page(ward_id: str) -> Response[Any]:
        """Where to send a list."""
        return config.page("upload", ward_id)

    @post(path, opt=in_ward(Permission.MANAGE_PEOPLE), request_max_body_size=LARGEST_UPLOAD)
    async def upload(
        request: Request, ward_id: str, db: AsyncSession, actor: Actor, now: datetime
    ) -> Response[Any]:
        """Parse a list; nothing is saved but the staged import."""
        data = await uploaded(request, "file")
        try:
            if data is None:
                raise WorkbookRefused("none")
            await turns.take_turn(db)
            parsed = await importing.parse_for_ward(db, config.kind, data, ward_id=ward_id, now=now)
        except (WorkbookRefused, TooManyFiles) as refusal:
            return config.page("upload", ward_id, status=refusal.status, errors={"file": refusal.sentence})
        staged = await staging.stage(
            db, kind=config.kind.name, ward_id=ward_id, data=data, parsed=parsed, by=actor, now=now
        )
        return redirect(f"{config.address}/{ward_id}/nhap/{staged.id}")

    return [upload_page, upload]


def _review_routes(config: ImportConfig[T]) -> list[HTTPRouteHandler]:
    path = config.address + "/{ward_id:str}/nhap/{staged_id:str}"

    @get(path, opt=in_ward(Permission.MANAGE_PEOPLE))
    async def review(ward_id: str, staged_id: str, db: AsyncSession) -> Response[Any]:
        """What was read and what is doubtful; once saved, what was done."""
        staged = await config.staged(db, ward_id, staged_id)
        result = staging.result_of(staged)
        if result is not None:
            return config.page("result", ward_id, staged=staged, result=result)
        parsed = staging.parsed_list_of(staged, config.kind.from_json)
        return config.page(
            "review",
            ward_id,
            staged=staged,
            parsed=parsed,
            rows=await importing.match_known(db, config.kind, ward_id, parsed),
            labels=config.kind.labels(),
            title_of=config.kind.title,
            agreement=config.agreement,
        )

    @post(path + "/can-xem-lai", status_code=200, opt=in_ward(Permission.MANAGE_PEOPLE))
    async def download(
        ward_id: str, staged_id: str, db: AsyncSession, actor: Actor, now: datetime
    ) -> Response[Any]:
        """The doubtful rows as a workbook to correct; audited, because it holds phones."""
        staged = await config.staged(db, ward_id, staged_id)
        result = staging.result_of(staged)
        if result is not None:
            header, rows = result.header, result.doubtful
        else:
            parsed = staging.parsed_list_of(staged, config.kind.from_json)
            matched = await importing.match_known(db, config.kind, ward_id, parsed)
            header, rows = parsed.header, matched.doubtful
        audit.note(
            db,
            audit.Subject("staged_import", staged_id, ward_id),
            f"{config.kind.name}.doubtful_rows_downloaded",
            by=actor,
            now=now,
            rows=len(rows),
        )
        return workbook_answer(doubtful_workbook(header, rows), config.workbook_name)

    return [review, download]


def _saving_routes(config: ImportConfig[T]) -> list[HTTPRouteHandler]:
    path = config.address + "/{ward_id:str}/nhap/{staged_id:str}"

    @post(path + "/luu", opt=in_ward(Permission.MANAGE_PEOPLE))
    async def confirm(
        form: Form[AgreementForm],
        ward_id: str,
        staged_id: str,
        db: AsyncSession,
        actor: Actor,
        now: datetime,
    ) -> Response[Any]:
        """Save the good rows. Confirming again changes nothing."""
        agreed = form.value().agreed
        staged = await config.staged(db, ward_id, staged_id, lock=True)
        if staged.saved_at is None:
            parsed = staging.parsed_list_of(staged, config.kind.from_json)
            result = await importing.save_list(
                db, config.kind, ward_id, parsed, agreed=agreed, by=actor, now=now
            )
            staging.mark_saved(staged, result, now=now)
        return redirect(f"{config.address}/{ward_id}/nhap/{staged_id}")

    @post(path + "/bo", opt=in_ward(Permission.MANAGE_PEOPLE))
    async def discard(ward_id: str, staged_id: str, db: AsyncSession) -> Response[Any]:
        """Drop the staged import."""
        await staging.discard(db, await config.staged(db, ward_id, staged_id, lock=True))
        return redirect(f"{config.address}/{ward_id}/nhap", flash=_("Đã bỏ tệp này, chưa lưu gì."))

    return [confirm, discard]
