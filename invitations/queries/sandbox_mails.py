"""The mails in the test mailbox."""

from collections.abc import Collection

from sqlalchemy import func, select, true
from sqlalchemy.ext.asyncio import AsyncSession

from invitations.models import Mail, SandboxMail
from lopso.kernel.errors import NotFound
from lopso.kernel.paging import Page, offset

SANDBOX_PAGE_SIZE = 12


async def sandbox_page(
    db: AsyncSession, *, wards: Collection[str] | None, number: int = 1
) -> Page[SandboxMail]:
    """The mails in the test mailbox, newest first; two statements.

    Args:
        wards: only mails of these wards; None: of all.
    """
    mine = true() if wards is None else Mail.ward_id.in_(wards)
    # Mails about accounts have no row in the ledger, and are for those who see all wards.
    total = (
        await db.scalar(
            select(func.count())
            .select_from(SandboxMail)
            .outerjoin(Mail, Mail.id == SandboxMail.mail_id)
            .where(mine)
        )
        or 0
    )
    rows = await db.scalars(
        select(SandboxMail)
        .outerjoin(Mail, Mail.id == SandboxMail.mail_id)
        .where(mine)
        .order_by(SandboxMail.at.desc(), SandboxMail.id.desc())
        .limit(SANDBOX_PAGE_SIZE)
        .offset(offset(number, SANDBOX_PAGE_SIZE))
    )
    return Page(rows.all(), number, total, SANDBOX_PAGE_SIZE)


async def sandbox_mail(db: AsyncSession, mail_id: int, *, wards: Collection[str] | None) -> SandboxMail:
    """One mail of the test mailbox, by the id of its row in the ledger; one statement.

    Raises:
        NotFound: there is none, or it is another ward's.
    """
    mine = true() if wards is None else Mail.ward_id.in_(wards)
    found = await db.scalar(
        select(SandboxMail)
        .join(Mail, Mail.id == SandboxMail.mail_id)
        .where(SandboxMail.mail_id == mail_id, mine)
    )
    if found is None:
        raise NotFound
    return found
