"""A file that is no edition is refused in words; one that is loads, with its own rules for a sign-off."""

import copy
import json
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from lopso.application import reference
from skills import queries
from skills.rules import LARGEST, read_edition
from skills.service import load_edition
from tests.factories import NOON, TEST


@pytest.fixture
def edition() -> dict[str, Any]:
    """The shipped edition under a new number."""
    return copy.deepcopy(reference.data("skills_framework")) | {"version": "2.0"}


def problems(edition: object) -> tuple[str, ...]:
    return read_edition(json.dumps(edition).encode()).problems


def test_shipped_edition_has_no_problems(edition: dict[str, Any]) -> None:
    assert problems(edition) == ()
    assert read_edition(b"\xef\xbb\xbf" + json.dumps(edition).encode()).data == edition


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"PK\x03\x04",
        b"\xff\xfe{}",
        b"[" * 200_000,
        b"{",
        b'{"title": NaN}',
        b'{"title": 1e999}',
        rb'{"title": "\u0000"}',
        rb'{"title": "\ud800"}',
    ],
)
def test_file_that_is_no_json_is_refused(raw: bytes) -> None:
    assert read_edition(raw).problems == ("Tệp này không đọc được: cần tệp JSON, mã UTF-8.",)


def test_huge_file_is_refused_unread() -> None:
    assert read_edition(b" " * (LARGEST + 1)).problems == (
        "Tệp quá lớn. Khung kỹ năng chỉ vài chục kilobyte.",
    )


@pytest.mark.parametrize(
    ("path", "value", "sentence"),
    [
        (("title",), " ", "Thiếu mục title."),
        (("complete",), "yes", "Thiếu mục complete."),
        (("decision", "date"), "29/04/2025", "Ngày ban hành (decision.date) cần viết như 2025-04-29."),
        (("groups", 0, "skills", 0, "name_en"), "", "Ở kỹ năng 0.1 thiếu name_en."),
        (("groups", 1, "code"), "0", "Mã nhóm 0 dùng cho hai mục."),
        (("groups", 0, "skills", 1, "code"), "1.1", "Mã kỹ năng 1.1 dùng cho hai mục."),
        (("audiences", 0, "skill_codes"), ["9.9"], "Đối tượng HSSV đòi kỹ năng không có trong khung: 9.9."),
        (("required_demonstrations",), 0, "Số lần thể hiện (required_demonstrations) phải từ 1 đến 20."),
        (("validity_months",), True, "Số tháng hiệu lực (validity_months) phải từ 1 đến 600, hoặc bỏ trống."),
    ],
)
def test_each_problem_is_named(
    edition: dict[str, Any], path: tuple[str | int, ...], value: object, sentence: str
) -> None:
    place: Any = edition
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    assert sentence in problems(edition)


@pytest.mark.parametrize("anything", [[], 7, {"groups": [3, {"skills": [None]}], "audiences": ["x"]}, None])
def test_any_json_is_refused_without_an_exception(anything: object) -> None:
    assert problems(anything) != ()


async def test_edition_sets_its_own_rules_for_a_sign_off(db: AsyncSession, edition: dict[str, Any]) -> None:
    await load_edition(db, reference.data("skills_framework"), by=TEST, now=NOON)
    first = await queries.edition(db)
    edition |= {"required_demonstrations": 2, "validity_months": 24}

    await load_edition(db, edition, by=TEST, now=NOON)

    current = await queries.edition(db)
    rules = (current.framework.required_demonstrations, current.framework.validity_months)
    assert (first.framework.required_demonstrations, first.framework.validity_months) == (1, None)
    assert (current.framework.version, *rules) == ("2.0", 2, 24)
    assert (current.skill_count, current.unverified_count) == (42, 32)
    assert [group.group.code for group in current.groups][:3] == ["0", "1", "2"]
    assert (await queries.edition(db, first.framework.id)).framework.is_current is False
