"""The values of a finished text, found again in its wording."""

from hypothesis import given
from hypothesis import strategies as st

from gateways.placeholders import values_in

WORDING = "{time} {day}, {place}: moi {names}. Hoi {contact}. {time}"


def test_values_are_found_in_the_order_of_their_places() -> None:
    body = "14h00 thu Nam 26/11, NVH to 5: moi ba Lan. Hoi 0234 3823 456. 14h00"

    found = values_in(WORDING, body)

    assert found == {
        "time": "14h00",
        "day": "thu Nam 26/11",
        "place": "NVH to 5",
        "names": "ba Lan",
        "contact": "0234 3823 456",
    }
    assert list(found or ()) == ["time", "day", "place", "names", "contact"]
    assert values_in(WORDING, "14h00 something else") is None
    assert values_in(WORDING, body.replace(". 14h00", ". 15h00")) is None


@given(st.lists(st.text(max_size=12), min_size=5, max_size=5))
def test_put_back_the_values_give_the_text_again(values: list[str]) -> None:
    names = ("time", "day", "place", "names", "contact")
    body = WORDING.format(**dict(zip(names, values, strict=True)))

    found = values_in(WORDING, body)

    assert found is not None
    assert WORDING.format(**found) == body
