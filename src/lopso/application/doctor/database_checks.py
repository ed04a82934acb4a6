"""The database, and what it tells of workers, of delivery and of backups."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, AsyncSession

from lopso.application import migrate
from lopso.application.doctor.diagnosis import Diagnosis, bad, ok, warn
from lopso.kernel import formatting
from lopso.kernel.clock import Clock
from lopso.kernel.i18n import gettext as _
from lopso.kernel.operations.backup_run import last_good_backup
from lopso.kernel.operations.delivery_pause import open_pause
from lopso.kernel.operations.heartbeat import SILENT_AFTER, last_seen
from lopso.kernel.settings import Settings
from lopso.kernel.shared_clock import SharedClock

_OLDEST = 150000  # PostgreSQL's own number of version 15
_APART = timedelta(seconds=5)
_BACKUP_LATE = timedelta(hours=36)


async def check_server(engine: AsyncEngine) -> Diagnosis:
    """Whether it answers, and is one we can use."""
    try:
        async with engine.connect() as connection:
            number = int(await _shown(connection, "server_version_num"))
            version, encoding = (
                await _shown(connection, "server_version"),
                await _shown(connection, "server_encoding"),
            )
    except SQLAlchemyError as error:
        reason = str(getattr(error, "orig", error)).strip().partition("\n")[0]
        return bad(_("Cơ sở dữ liệu không trả lời: %(why)s", why=reason))
    if number < _OLDEST:
        return bad(_("PostgreSQL %(version)s quá cũ; cần bản 15 trở lên.", version=version))
    if encoding != "UTF8":
        return bad(_("Cơ sở dữ liệu phải dùng bảng mã UTF8, không phải %(encoding)s.", encoding=encoding))
    return ok(_("Cơ sở dữ liệu trả lời: PostgreSQL %(version)s, không cần phần mở rộng.", version=version))


def check_schema(url: str) -> Diagnosis:
    """Whether the schema is the one of this version."""
    if migrate.is_current(url):
        return ok(_("Cấu trúc dữ liệu đúng với phiên bản này."))
    found = migrate.current_revision(url)
    if found is None:
        return bad(_("Cơ sở dữ liệu còn trống. Hãy chạy: lopso db upgrade"))
    if not migrate.knows(found):
        return bad(_("Cơ sở dữ liệu thuộc một phiên bản Lớp Số mới hơn. Hãy cài phiên bản đó."))
    return bad(_("Cấu trúc dữ liệu cũ hơn phiên bản này. Hãy sao lưu, rồi chạy: lopso db upgrade"))


async def check_clock(engine: AsyncEngine, own: Clock) -> Diagnosis:
    """This machine's clock against the database's."""
    clock = SharedClock(engine, own)
    await clock.set()
    seconds = round(abs(clock.offset.total_seconds()))
    if abs(clock.offset) <= _APART:
        return ok(_("Đồng hồ máy này khớp với cơ sở dữ liệu."))
    return bad(
        _("Đồng hồ máy này lệch %(seconds)s giây với cơ sở dữ liệu. Hãy bật đồng bộ giờ.", seconds=seconds)
    )


async def check_operations(
    db: AsyncSession, settings: Settings, *, now: datetime
) -> AsyncIterator[Diagnosis]:
    """Workers, delivery, backups; three statements."""
    yield _worker(await last_seen(db), now)
    pause = await open_pause(db)
    if pause is not None:
        yield warn(
            _(
                "Việc gửi đang tạm dừng từ %(when)s. Khi đã xem lại: lopso resume-delivery",
                when=formatting.when(pause.since),
            )
        )
    else:
        yield ok(_("Việc gửi không bị tạm dừng."))
    yield _backup(await last_good_backup(db), settings, now)


def _worker(seen_at: datetime | None, now: datetime) -> Diagnosis:
    if seen_at is None:
        return bad(_("Không có lopso worker nào đang chạy: tin chờ, chưa gửi."))
    if seen_at < now - SILENT_AFTER:
        return bad(
            _(
                "Không có lopso worker nào đang chạy từ %(when)s: tin chờ, chưa gửi.",
                when=formatting.when(seen_at),
            )
        )
    return ok(_("Có lopso worker đang chạy."))


def _backup(made_at: datetime | None, settings: Settings, now: datetime) -> Diagnosis:
    if made_at is None:
        said = _("Chưa có bản sao lưu nào. Xem LOPSO_BACKUP_KEY và LOPSO_BACKUP_FOLDER.")
        return bad(said) if settings.backup else warn(said)
    if made_at < now - _BACKUP_LATE:
        said = _("Bản sao lưu gần nhất đã cũ: %(when)s.", when=formatting.when(made_at))
        return bad(said) if settings.backup else warn(said)
    return ok(_("Bản sao lưu gần nhất: %(when)s.", when=formatting.when(made_at)))


async def _shown(connection: AsyncConnection, setting: str) -> str:
    return str(await connection.scalar(text("SELECT current_setting(:setting)"), {"setting": setting}))
