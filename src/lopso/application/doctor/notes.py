"""Notes that earlier versions saved."""

from sqlalchemy.ext.asyncio import AsyncSession

from lopso.application.doctor.diagnosis import Diagnosis, ok, warn
from lopso.application.kept_numbers import kept_numbers
from lopso.kernel.i18n import gettext as _


async def check_kept_numbers(db: AsyncSession) -> Diagnosis:
    """Whether numbers of papers and accounts are left in notes; a statement a table with notes."""
    rows = await kept_numbers(db)
    if not rows:
        return ok(_("Không thấy số giấy tờ, tài khoản hoặc thẻ nào trong các ghi chú."))
    return warn(
        _(
            "Còn %(n)s số giấy tờ, tài khoản hoặc thẻ trong ghi chú cũ. Xem: lopso private-numbers",
            n=sum(kept.count for kept in rows),
        )
    )
