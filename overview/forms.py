"""Forms of the search, queries of the list of tasks."""

from typing import Annotated

from msgspec import Struct, field

from lopso.web.forms import Choice, PageNumber, Text
from overview.queries.search import GROUPS
from overview.queries.tasks.reading import GROUPS as TASK_GROUPS


class SearchForm(Struct, frozen=True, kw_only=True):
    """What is looked for; `ward_id` is the ward of the page it was typed on, `group` the only one to show."""

    typed: Annotated[str, Text(200)] = field(default="", name="q")
    ward_id: Annotated[str, Text(5)] = field(default="", name="phuong")
    group: Annotated[str | None, Choice(GROUPS)] = field(default=None, name="nhom")


class TaskQuery(Struct, frozen=True, kw_only=True):
    """One group of tasks alone, and which page of it."""

    group: Annotated[str | None, Choice(TASK_GROUPS)] = field(default=None, name="nhom")
    number: PageNumber = field(default=1, name="trang")
