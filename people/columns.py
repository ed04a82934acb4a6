"""Columns that lists of persons share."""

import json
from collections.abc import Sequence
from pathlib import Path

from lopso.kernel.i18n import gettext as _
from lopso.kernel.workbook.columns import looks_like_ordinal
from lopso.kernel.workbook.fields import (
    ANSWER_COLUMN,
    ATTENDANCE,
    EXISTING_COLUMN,
    PRIVATE_NUMBERS,
    RETURNED_COLUMNS,
    ListField,
)
from people import birth_years, cells

_HEADERS: dict[str, tuple[str, ...]] = {
    name: tuple(headers)
    for name, headers in json.loads(
        (Path(__file__).parent / "columns.json").read_text(encoding="utf-8")
    ).items()
}


PERSON: Sequence[ListField] = (
    ListField("ordinal", _HEADERS["ordinal"], looks_like_ordinal, by_content=True, minor=True),
    ListField(
        "full_name", _HEADERS["full_name"], cells.looks_like_name, by_content=True, continued_by="given_name"
    ),
    ListField("family_names", _HEADERS["family_names"], cells.looks_like_family_names),
    ListField("given_name", _HEADERS["given_name"], cells.looks_like_one_word),
    ListField("birth", _HEADERS["birth"], birth_years.looks_like_year, by_content=True),
    ListField("birth_male", _HEADERS["birth_male"], birth_years.looks_like_year, weak_header=True),
    ListField("birth_female", _HEADERS["birth_female"], birth_years.looks_like_year, weak_header=True),
    ListField("age", _HEADERS["age"], birth_years.looks_like_age),
    ListField("sex", _HEADERS["sex"], cells.looks_like_sex, by_content=True),
    ListField("sex_male", _HEADERS["sex_male"], cells.looks_like_mark, weak_header=True),
    ListField("sex_female", _HEADERS["sex_female"], cells.looks_like_mark, weak_header=True),
    ListField(
        "phone", _HEADERS["phone"], cells.looks_like_phone, several=True, by_content=True, long_numbers=True
    ),
    ListField(
        "relative_phone", _HEADERS["relative_phone"], cells.looks_like_phone, several=True, long_numbers=True
    ),
    ListField("email", _HEADERS["email"], cells.looks_like_email, by_content=True),
    ListField("note", _HEADERS["note"], several=True, minor=True),
    ListField(
        "submitted_at",
        _HEADERS["submitted_at"],
        birth_years.looks_like_moment,
        several=True,
        stored=False,
    ),
    # What the law and the domain forbid to collect: recognised so that it is left out.
    ListField("never_stored", _HEADERS["never_stored"], several=True, stored=False),
    PRIVATE_NUMBERS,
    ATTENDANCE,
    EXISTING_COLUMN,
    ANSWER_COLUMN,
    RETURNED_COLUMNS,
)
NAMES = frozenset({"full_name", "family_names", "given_name"})


def labels() -> dict[str, str]:
    """Return the names of the fields on screen."""
    return {
        "ordinal": _("STT"),
        "full_name": _("Họ và tên"),
        "family_names": _("Họ và tên đệm"),
        "given_name": _("Tên (không kèm họ)"),
        "birth": _("Năm sinh"),
        "birth_male": _("Năm sinh (nam)"),
        "birth_female": _("Năm sinh (nữ)"),
        "age": _("Tuổi"),
        "sex": _("Giới tính"),
        "sex_male": _("Nam"),
        "sex_female": _("Nữ"),
        "phone": _("Số điện thoại"),
        "relative_phone": _("Số điện thoại người thân"),
        "email": _("E-mail"),
        "note": _("Ghi chú"),
        "submitted_at": _("Lúc gửi biểu mẫu (không lưu)"),
        "never_stored": _("Không lưu (thông tin riêng tư)"),
    }
