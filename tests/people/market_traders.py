"""A new kind of list, whole: the traders of a market, as a package of the project would write it."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Column, Integer, MetaData, Table, Text, insert, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.schema import CreateTable

from lopso.kernel.access import Actor
from lopso.kernel.text import fold
from lopso.kernel.workbook.fields import ListField
from lopso.kernel.workbook.kinds import RowReading, SavedRecords
from lopso.kernel.workbook.matching import KnownRecord, MatchedRows
from lopso.kernel.workbook.rows import RawRow
from lopso.web.importing import ImportConfig, ImportTexts, import_routes
from people.drafts import PersonDraft, read_person
from people.identity import PEOPLE_WITHOUT_YEARS, IdentityKeys
from people.lists import RowContext, person_layout, person_list

TRADER = Table(
    "market_trader",
    MetaData(),
    Column("id", Integer, primary_key=True),
    Column("ward_id", Text, nullable=False),
    Column("full_name", Text, nullable=False),
    Column("name_key", Text, nullable=False),
    Column("phone", Text),
    Column("phone_kind", Text, nullable=False),
    Column("stall", Text, nullable=False),
    Column("goods", Text, nullable=False),
)
MIGRATION = (
    CreateTable(TRADER),
    text("ALTER TABLE staged_import DROP CONSTRAINT ck_staged_import_kind"),
    text(
        "ALTER TABLE staged_import ADD CONSTRAINT ck_staged_import_kind"
        " CHECK (kind IN ('learners', 'teams', 'traders'))"
    ),
)

KEPT = ("stall", "goods")
FIELDS = (
    ListField("stall", ("Số lô", "Lô", "Quầy", "Số quầy", "Vị trí", "Sạp")),
    ListField("goods", ("Mặt hàng", "Ngành hàng", "Mặt hàng kinh doanh", "Kinh doanh")),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class TraderDraft(PersonDraft):
    """A trader as a row describes one."""

    stall: str = ""
    goods: str = ""

    @property
    def identity(self) -> IdentityKeys:
        """What tells this trader from others of the same name: phone and stall."""
        return IdentityKeys(self.phone, self.phone_kind, group=fold(self.stall) or None)


def read_trader_row(row: RawRow, *, context: RowContext) -> RowReading[TraderDraft]:
    person = read_person(row)
    draft = TraderDraft(**person.values, stall=row.text("stall"), goods=row.text("goods"))
    return RowReading(draft, person.notes, person.doubts)


async def known_traders(
    db: AsyncSession, ward_id: str, drafts: Sequence[TraderDraft]
) -> Mapping[str, Sequence[KnownRecord[TraderDraft]]]:
    known: defaultdict[str, list[KnownRecord[TraderDraft]]] = defaultdict(list)
    names = {fold(draft.full_name) for draft in drafts}
    for row in await db.execute(
        select(TRADER).where(TRADER.c.ward_id == ward_id, TRADER.c.name_key.in_(names))
    ):
        values = {name: getattr(row, name) for name in ("full_name", "phone", "phone_kind", *KEPT)}
        known[row.name_key].append(KnownRecord(row.id, TraderDraft(**values)))
    return known


async def save_traders(
    db: AsyncSession,
    ward_id: str,
    rows: MatchedRows[TraderDraft],
    *,
    agreed: Collection[str],
    by: Actor,
    now: datetime,
) -> SavedRecords:
    traders = [
        {
            "ward_id": ward_id,
            "full_name": row.draft.full_name,
            "name_key": fold(row.draft.full_name),
            "phone": row.draft.phone,
            "phone_kind": row.draft.phone_kind,
            "stall": row.draft.stall,
            "goods": row.draft.goods,
        }
        for row in rows.new
    ]
    if traders:
        await db.execute(insert(TRADER), traders)
    for change in rows.changes:
        values = {name: getattr(change.after, name) for name in ("phone", "phone_kind", *KEPT)}
        await db.execute(update(TRADER).where(TRADER.c.id == change.record_id).values(values))
    return SavedRecords(len(traders))


TRADERS = person_list(
    "traders",
    __name__,
    TraderDraft,
    layout=person_layout(FIELDS),
    labels=lambda: {"stall": "Số lô", "goods": "Mặt hàng"},
    read_row=read_trader_row,
    compare=PEOPLE_WITHOUT_YEARS,
    corrected=KEPT,
    facts=lambda trader: {"stall": trader.stall, "goods": trader.goods},
    known=known_traders,
    save=save_traders,
)

ROUTES = import_routes(
    ImportConfig(
        kind=TRADERS,
        address="/tieu-thuong",
        texts=lambda: ImportTexts(
            people="Tiểu thương",
            title="Nhập danh sách tiểu thương",
            file="Tệp danh sách tiểu thương",
            file_help="Tệp Excel của ban quản lý chợ.",
            see="Xem tiểu thương",
        ),
        workbook_name="tieu-thuong-can-xem-lai.xlsx",
    )
)
