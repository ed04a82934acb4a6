"""Forms about courses."""

from typing import Annotated

from msgspec import Struct, field

from lopso.kernel.i18n import N_
from lopso.web.forms import FreeText, IdField, Many, PageNumber, Text, Tick, WholeNumber


class CourseForm(Struct, frozen=True, kw_only=True):
    """What a class is about; `duration` in minutes."""

    title: Annotated[str, Text(120, required=N_("Xin đặt tên nội dung, ví dụ “Dùng VNeID”."))]
    duration: Annotated[int, WholeNumber(15, 720)]
    skills: Annotated[tuple[int, ...], Many(IdField(), required=N_("Xin chọn ít nhất một kỹ năng."))]
    summary: Annotated[str, FreeText(2000, lines=True)] = ""


class CourseList(Struct, frozen=True, kw_only=True):
    """Which courses to show: the open ones, or those no longer used."""

    number: PageNumber = field(default=1, name="trang")
    retired: Tick = field(default=False, name="ngung")
