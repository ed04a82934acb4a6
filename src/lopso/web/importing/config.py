"""What differs between the import pages of one kind of list and another."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

from litestar.response import Response
from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel import audit
from lopso.kernel.access import Actor, Permission
from lopso.kernel.workbook import importing, staging
from lopso.kernel.workbook.kinds import ListKind
from lopso.kernel.workbook.matching import MatchedRows
from lopso.kernel.workbook.results import ParsedList
from lopso.kernel.workbook.staging import StagedImport
from lopso.web.pages import page

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportTexts:
    """Texts of the pages, in the reader's language.

    Attributes:
        people: who the list is about, for the way back. title: of the upload page.
        file, file_help: label and hint of the file field.
        steps: what happens next, a sentence each; header_example: names of columns, as such a list has them.
            Both are those of lists of people unless given.
        see: the button to the saved records; `see_path` follows the address of the ward's people.
    """

    people: str
    title: str
    file: str
    file_help: str
    see: str
    see_path: str = ""
    steps: tuple[str, ...] = ()
    header_example: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportConfig(Generic[T]):
    """How one kind of list is imported by page.

    Attributes:
        address: where the records of a ward live; ``/{ward_id}/nhap`` follows.
        permission: what one needs in the ward to open its pages.
        workbook_name: plain ASCII, of the doubtful rows to correct.
        agreement: template of what is said or ticked (``agreed``) before saving.
        after_saving: template of what is said besides when somebody was saved.
    """

    kind: ListKind[T, Any]
    address: str
    texts: Callable[[], ImportTexts]
    workbook_name: str
    permission: Permission = Permission.MANAGE_PEOPLE
    agreement: str | None = None
    after_saving: str | None = None

    @property
    def upload_path(self) -> str:
        """The address of the upload page, as a route has it."""
        return self.address + "/{ward_id:str}/nhap"

    @property
    def staged_path(self) -> str:
        """The address of a staged list, as a route has it."""
        return self.upload_path + "/{staged_id:str}"

    def upload_address(self, ward_id: str) -> str:
        """The address of a ward's upload page."""
        return f"{self.address}/{ward_id}/nhap"

    def here(self, staged: StagedImport) -> str:
        """The address of a staged list."""
        return f"{self.upload_address(staged.ward_id)}/{staged.id}"

    def page(self, name: str, ward_id: str, *, status: int = 200, **context: Any) -> Response[Any]:
        """One of the pages in ``templates/importing``."""
        return self.page_of(f"importing/{name}.html", ward_id, status=status, **context)

    def page_of(self, template: str, ward_id: str, *, status: int = 200, **context: Any) -> Response[Any]:
        """A page of a package's own, with what the pages in ``templates/importing`` have."""
        return page(
            template,
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

    def parsed(self, staged: StagedImport) -> ParsedList[T]:
        """What was read of a staged list."""
        return staging.parsed_list_of(staged, self.kind.from_json)

    async def matched(self, db: AsyncSession, staged: StagedImport, parsed: ParsedList[T]) -> MatchedRows[T]:
        """The rows of a staged list against the ward's records, with the answers given so far."""
        answers = staging.answers_of(staged)
        return await importing.match_known(db, self.kind, staged.ward_id, parsed, answers)

    def note(
        self, db: AsyncSession, staged: StagedImport, action: str, *, by: Actor, now: datetime, rows: object
    ) -> None:
        """Note in the audit trail that rows of a staged list, with their phones, were shown."""
        audit.note(db, staged, f"{self.kind.name}.{action}", by=by, now=now, rows=rows)
