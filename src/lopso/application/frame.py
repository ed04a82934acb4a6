"""What surrounds every page: navigation by role, the ward switcher, marks of a draft edition and of a pause.

The list of wards is kept in memory for a minute, so that pages run a fixed number of statements.
"""

import time
from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from lopso.kernel.access import Actor, Permission
from lopso.kernel.i18n import gettext as _
from lopso.kernel.operations.delivery_pause import open_pause
from lopso.web.pages import Frame, NavItem, WardChoice
from skills.models import Framework
from venues.models import Ward

FRESH_FOR = 60.0  # seconds


class Frames:
    """Makes the frame of a page from what is in memory; `refresh` reads it again when it is old.

    Knows which wards there are, too: `knows`.
    """

    def __init__(self, sessions: async_sessionmaker[AsyncSession]) -> None:
        self._sessions = sessions
        self._wards: Sequence[WardChoice] = ()
        self._draft = False
        self._paused = False
        self._read_at = float("-inf")

    def forget(self) -> None:
        """Read everything again at the next request."""
        self._read_at = float("-inf")

    async def refresh(self) -> None:
        """Read everything again, if the last reading is older than a minute."""
        if time.monotonic() - self._read_at >= FRESH_FOR:
            await self._read()

    async def knows(self, ward_id: str) -> bool:
        """Whether there is such a ward; one that is not in memory may be new, so the database is asked."""
        if not self._has(ward_id) and ward_id.isascii() and ward_id.isalnum():
            await self._read()
        return self._has(ward_id)

    def _has(self, ward_id: str) -> bool:
        return any(each.id == ward_id for each in self._wards)

    async def _read(self) -> None:
        self._read_at = time.monotonic()
        async with self._sessions() as db:
            rows = (await db.execute(select(Ward.id, Ward.full_name).order_by(Ward.slug))).all()
            complete = await db.scalar(select(Framework.complete).where(Framework.is_current))
            self._paused = await open_pause(db) is not None
        self._wards = [WardChoice(row.id, row.full_name) for row in rows]
        self._draft = complete is False
        if not rows:  # nothing loaded yet: look again at the next page
            self._read_at = float("-inf")

    def __call__(self, actor: Actor, path: str, ward_id: str | None) -> Frame:
        """The frame for `actor` at `path`.

        Without `ward_id` the first ward the person works in; none for those who work in the whole city.
        """
        wards = [each for each in self._wards if _works_in(actor, each.id)]
        ward = next((each for each in wards if each.id == ward_id), None)
        if ward is None and ward_id is None and wards and not (len(wards) > 1 and _citywide(actor)):
            ward = wards[0]
        return Frame(_navigation(actor, path, ward), wards, ward, self._draft, self._paused)


def _works_in(actor: Actor, ward_id: str) -> bool:
    return any(grant.ward_id in (None, ward_id) for grant in actor.grants)


def _citywide(actor: Actor) -> bool:
    return any(grant.ward_id is None for grant in actor.grants)


def _navigation(actor: Actor, path: str, ward: WardChoice | None) -> list[NavItem]:
    def item(label: str, href: str, icon: str, *under: str, count_at: str | None = None) -> NavItem:
        current = any(path == each or path.startswith(each + "/") for each in (href, *under))
        return NavItem(label, href, icon, current, count_at)

    def tasks(href: str) -> NavItem:
        return item(_("Việc cần làm"), href, "list", count_at=f"{href}/so")

    items: list[NavItem] = []
    if ward is not None:
        if actor.may(Permission.SEE_CALENDAR, ward.id):
            calendar = ("/buoi", "/lich/nghi-dong-loat")
            items.append(item(_("Lịch"), f"/lich/{ward.id}", "calendar", *calendar))
        if actor.may(Permission.PLAN, ward.id) or actor.may(Permission.SIGN_OFF, ward.id):
            items.append(tasks(f"/viec-can-lam/{ward.id}"))
        if actor.may(Permission.SEE_PEOPLE, ward.id):
            items.append(item(_("Người học"), f"/nguoi-hoc/{ward.id}", "people"))
        if actor.may(Permission.MANAGE_PEOPLE, ward.id):
            items.append(item(_("Người hướng dẫn"), f"/nguoi-day/{ward.id}", "helper"))
        if actor.may(Permission.SEE_MESSAGES, ward.id):
            items.append(
                item(_("Tin nhắn"), f"/tin-nhan/{ward.id}", "message", "/tin-nhan", "/thu", "/mau-tin")
            )
        elif actor.may_somewhere(Permission.SEE_FIGURES):
            items.append(item(_("Tin nhắn"), "/tin-nhan", "message", "/mau-tin"))
        if actor.may(Permission.SIGN_OFF, ward.id):
            items.append(item(_("Xác nhận"), f"/xac-nhan/{ward.id}", "check"))
        if actor.may(Permission.SEE_CALENDAR, ward.id):
            items.append(item(_("Địa điểm"), f"/dia-diem/{ward.id}", "place"))
    elif _citywide(actor):
        items.append(item(_("Phường, xã"), "/phuong-xa", "place", "/dia-diem"))
        if actor.may_somewhere(Permission.SEE_FIGURES):
            items.append(item(_("Tin nhắn"), "/tin-nhan", "message", "/mau-tin"))
    if actor.may_somewhere(Permission.TEACH):
        items.insert(0, item(_("Việc của tôi"), "/viec-cua-toi", "home"))
        if not any(each.count_at for each in items):
            items.insert(1, tasks("/viec-can-lam"))
    if actor.may_somewhere(Permission.SEE_CALENDAR):
        items.append(item(_("Kỹ năng"), "/ky-nang", "book"))
    if actor.everywhere(Permission.MANAGE_USERS):
        items.append(item(_("Tài khoản"), "/tai-khoan", "lock"))
    return items


def home_of(actor: Actor, ward: WardChoice | None) -> str:
    """Where somebody begins: the week for those who plan, their own work for those who teach."""
    if ward is not None and actor.may(Permission.PLAN, ward.id):
        return f"/lich/{ward.id}"
    if actor.may_somewhere(Permission.TEACH):
        return "/viec-cua-toi"
    if ward is not None and actor.may(Permission.SIGN_OFF, ward.id):
        return f"/xac-nhan/{ward.id}"
    if ward is not None and actor.may(Permission.SEE_CALENDAR, ward.id):
        return f"/lich/{ward.id}"
    return "/phuong-xa"
