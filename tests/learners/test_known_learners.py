"""Which of the ward's learners a list is compared with."""

from itertools import product

from sqlalchemy.ext.asyncio import AsyncSession

from learners.importing.drafts import LearnerDraft
from learners.importing.registrations import REGISTRATIONS
from lopso.kernel.text import fold
from lopso.kernel.workbook.matching import MatchResult
from people.identity import compare_people
from tests.factories import add_learner, add_ward

NAME = "Nguyễn Thị Hoa"
YEARS = (None, 1950, 1951)
PHONES = (None, "+84912000001", "+84912000002")


async def test_no_learner_a_row_may_be_is_left_out(db: AsyncSession) -> None:
    """Two of one name in every combination of year, phone and a number in the note."""
    await add_ward(db)
    for year, phone, note in product(YEARS, PHONES, ("", "con gái: 0912 000 001")):
        learner = await add_learner(db, NAME, birth_year=year, phone=phone)
        learner.phone_note = note
    await db.flush()
    identity = REGISTRATIONS.identity
    everybody = [LearnerDraft(full_name=NAME, birth_year=year) for year in (None, 1950, 1951)]
    stored = (await REGISTRATIONS.known(db, "19753", everybody))[fold(NAME)]
    assert len(stored) == 18

    for year, phone in product(YEARS, PHONES):
        row = LearnerDraft(full_name=NAME, birth_year=year, phone=phone)
        found = {each.id for each in (await REGISTRATIONS.known(db, "19753", [row]))[fold(NAME)]}
        possible = {
            each.id
            for each in stored
            if compare_people(identity(each.draft), identity(row)).result is not MatchResult.DIFFERENT
        }
        assert possible <= found


async def test_learners_of_another_year_and_number_stay_in_the_database(db: AsyncSession) -> None:
    await add_ward(db)
    await add_ward(db, ward_id="19754", name="Nơi khác")
    same = await add_learner(db, NAME, birth_year=1950, phone=PHONES[1])
    await add_learner(db, NAME, birth_year=1951, phone=PHONES[2])
    await add_learner(db, "Trần Văn Bé", birth_year=1950)
    await add_learner(db, NAME, ward_id="19754", birth_year=1950)

    found = await REGISTRATIONS.known(db, "19753", [LearnerDraft(full_name=NAME, birth_year=1950)])

    assert [each.id for each in found[fold(NAME)]] == [same.id]
    assert set(found) == {fold(NAME)}
