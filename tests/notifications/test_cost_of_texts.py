"""What texts cost, in words: segments are named only where they are more than the texts."""

import pytest

from lopso.application.templates import template_environment

TEMPLATE = '{% import "notifications/_texts.html" as rows_of %}{{ rows_of.cost(texts, segments, price) }}'


@pytest.mark.parametrize(
    ("texts", "segments", "price", "said"),
    [
        (138, 138, 850, "138 tin, khoảng 117.300 đồng"),
        (2, 3, 850, "2 tin, 3 đoạn, khoảng 2.550 đồng"),
        (1, 1, None, "1 tin"),
        (1, 2, None, "1 tin, 2 đoạn"),
    ],
)
def test_segments_are_named_where_they_are_more_than_the_texts(
    texts: int, segments: int, price: int | None, said: str
) -> None:
    template = template_environment().from_string(TEMPLATE)
    assert template.render(texts=texts, segments=segments, price=price) == said
