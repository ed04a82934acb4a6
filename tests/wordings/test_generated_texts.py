"""Rendered texts over generated names, places and reasons: whole names, fewest segments, no cut word."""

import re

from hypothesis import given
from hypothesis import strategies as st

from lopso.kernel.text import sms_parts, unaccent
from tests.wordings.rendered_values import BODIES, values
from wordings.rules.addressing import Addressee
from wordings.rules.phrases import place_forms
from wordings.rules.placeholders import placeholders_in
from wordings.rules.rendering import fill

SYLLABLES = """
    Nguyễn Thị Ngọc Ưỡn Đặng Khánh Nghiêng Trường Phường Thượng Chướng Nghị Quỳnh H'Hen Y-Moan số 12 tổ TDP
    Nhà văn hóa trung tâm học tập cộng đồng phường Thuỷ Xuân cũ cạnh trường tiểu học Huyền Trân
"""
words = st.sampled_from(SYLLABLES.split())
names = st.lists(words, min_size=1, max_size=7).map(" ".join)
persons = st.builds(
    Addressee,
    full_name=names,
    title=st.sampled_from(["", "Bà", "Ông/Bà", "O", "Mệ"]),
    sex=st.sampled_from([None, "female", "male"]),
    birth_year=st.none() | st.integers(1930, 2018),
)


joins = st.sampled_from([", ", " cạnh ", " gần ", " đối diện ", " sau ", " (cạnh ", ") "])


def put_together(head: str, tail: list[tuple[str, str]]) -> str:
    """A place of several parts."""
    return head + "".join(by + part for by, part in tail)


def joined(said: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Places of one to four parts."""
    parts = st.lists(said, min_size=1, max_size=7).map(" ".join)
    return st.builds(put_together, parts, st.lists(st.tuples(joins, parts), max_size=3))


places = joined(words)
PLAIN = """Thôn 3 Kim Long xã Chân Mây - Lăng Cô nhà bà Lan chợ Nọ đình số 12 kiệt Bên Sau"""


@given(joined(st.sampled_from(PLAIN.split())))
def test_shorter_place_ends_at_a_boundary_of_the_original(place: str) -> None:
    whole, *shorter = place_forms(place, place)

    for form in shorter:
        assert whole.startswith(form)
        assert re.match(r"[\s(-]*(,|\(?(cạnh|gần|đối diện|sau) )", whole[len(form) :])
        assert form.count("(") == form.count(")")
        assert len(form.split()) > 1


@given(
    st.sampled_from(sorted(BODIES)),
    st.lists(persons, min_size=1, max_size=9),
    places,
    st.sampled_from(["", "Phòng 2", "Hội trường tầng 2"]),
    st.lists(words, min_size=1, max_size=40).map(" ".join),
    st.sampled_from(["0234 3823 456", "UBND Xã Chân Mây - Lăng Cô"]),
    st.integers(1, 30),
)
def test_any_message_has_whole_names_and_fewest_segments(
    code: str, people: list[Addressee], place: str, room: str, reason: str, contact: str, weeks: int
) -> None:
    given_values = values(people, place, room, reason, contact, weeks)
    text = fill(BODIES[code], given_values)

    shortest = fill(BODIES[code], {name: forms[-1:] for name, forms in given_values.items()})
    assert text.segments <= shortest.segments
    assert text.segments == 1 or shortest.segments > 1
    for name in placeholders_in(BODIES[code]):
        assert any(form in text.accented for form in given_values[name])
    assert text.plain == unaccent(text.accented)
    assert sms_parts(text.plain).encoding == "GSM-7"
    assert text.plain.startswith("14h00 ") or code in ("sign_off_reached", "certificate_ready")
    assert contact in text.accented
    known = set(re.findall(r"[\w'-]+", BODIES[code]))
    for forms in given_values.values():
        known |= {word for form in forms for word in re.findall(r"[\w'-]+", form)}
    assert set(re.findall(r"[\w'-]+", text.accented)) <= known
