"""The list of accounts."""

from sqlalchemy.ext.asyncio import AsyncSession

from accounts.queries import accounts_page
from lopso.kernel.access import Role
from tests.factories import add_user, add_ward


async def test_accounts_are_listed_by_given_name(db: AsyncSession) -> None:
    await add_ward(db)
    names = ["Nguyễn Văn Ba", "Trần Thị Ánh", "Lê Thị Đào", "Đỗ Văn Dũng", "Hồ Văn An"]
    for number, name in enumerate(names):
        await add_user(db, (Role.COORDINATOR, "19753"), name=name, email=f"{number}@example.org")

    listed = await accounts_page(db, search="", number=1)

    in_order = ["Hồ Văn An", "Trần Thị Ánh", "Nguyễn Văn Ba", "Đỗ Văn Dũng", "Lê Thị Đào"]
    assert [each.user.name for each in listed.items] == in_order


async def test_renamed_account_moves_in_the_list(db: AsyncSession) -> None:
    await add_ward(db)
    users = [
        await add_user(db, (Role.COORDINATOR, "19753"), name=name, email=f"{name[-2:]}@example.org")
        for name in ("Lê Thị An", "Lê Thị Ba")
    ]
    users[0].name = "Lê Thị Xuân"
    await db.flush()

    listed = await accounts_page(db, search="", number=1)

    assert [each.user.name for each in listed.items] == ["Lê Thị Ba", "Lê Thị Xuân"]
