"""A form that names a row of another ward changes nothing; the same form with a row of the ward does."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import pytest

from lopso.kernel.access import Role
from tests.hostile.client import encoded
from tests.hostile.hostile_site import HostileSite
from tests.hostile.targets import Attackable, matching

PLAN = {"title": "Tiền mặt", "day": "26/11/2026", "since": "8h", "until": "9h"}
CLASS = PLAN | {"kind": "ward_class"}
IN_COURSE = CLASS | {"course": "{course_id}"}
IN_ROOM = CLASS | {"room": "{room_id}"}
WEEK = {"starts_on": "24/11/2026", "meetings": "1", "day0": "3", "from0": "8h", "until0": "9h"}
SERIES = IN_COURSE | WEEK | {"pick": "2026-11-26T08:00:00+07:00"}
MARK = {"mark": "present", "form_id": "8c0f5a3e-2f57-4d0c-9a86-3f4f1d1f7a10"}
LEARNER = {"full_name": "Hồ Thị Mới", "sms": "no"}
CONSENT = {"dieu": "sms", "ngay": "20/11/2026", "cach": "spoken"}
VENUE = {"name": "Nhà mới", "address": "1 Lê Lợi", "room_name": "Lầu 1", "room_seats": "30"}
TEAM = {"name": "Tổ mới", "kind": "student_volunteers"}
ASKED = {"vai": "helper"}
EVERY_CANCELLED = {"pham_vi": "all", "reason": "Mưa"}


@dataclass(frozen=True)
class FormCase:
    """A form whose field `name` names a row; values of the town stand in braces.

    Attributes:
        key: what the town calls the row.
        rest: the other fields.
        value: of the field; the id of the row where none is given.
    """

    path: str
    name: str
    key: str
    rest: Mapping[str, str] = field(default_factory=dict[str, str])
    value: str = ""
    role: Role = Role.COORDINATOR

    def __str__(self) -> str:
        return f"{self.path} {self.key}"

    def body(self, own: Mapping[str, str], other: Mapping[str, str]) -> bytes:
        """The form, with the named row out of `other`."""
        named = (self.value or f"{{{self.key}}}").format(**{**own, self.key: other[self.key]})
        rest = [(name, text.format(**own)) for name, text in self.rest.items()]
        return encoded([(name, text.encode()) for name, text in [*rest, (self.name, named)]])


SESSION, DRAFT = "/buoi/{session_id}", "/buoi/{draft}"
OF_LEARNER = "/nguoi-hoc/{ward_id}/{learner_id}"
HOME = "neighbourhood_id"
FORMS = [
    FormCase("/lich/{ward_id}/buoi-moi", "room", "room_id", IN_COURSE),
    FormCase("/lich/{ward_id}/buoi-moi", "course", "course_id", IN_ROOM),
    FormCase("/lich/{ward_id}/buoi-moi", "market", "market_id", PLAN | {"kind": "market_round"}),
    FormCase("/lich/{ward_id}/lop-moi", "room", "room_id", SERIES),
    FormCase("/lich/{ward_id}/xep-nguoi", "chon", "free_helper", value="{draft}-helper-{free_helper}"),
    FormCase("/lich/{ward_id}/xep-nguoi", "chon", "draft", value="{draft}-helper-{free_helper}"),
    FormCase(f"{DRAFT}/sua", "room", "room_id", CLASS),
    FormCase(f"{DRAFT}/ghi-danh", "nguoi", "learner_id"),
    FormCase(f"{DRAFT}/ghi-danh/nguoi-moi", HOME, HOME, LEARNER),
    FormCase(f"{SESSION}/huy", "pick", "session_id", EVERY_CANCELLED),
    FormCase(f"{SESSION}/phan-cong", "nguoi", "free_helper", ASKED),
    FormCase(f"{SESSION}/phan-cong/ca-loat", "nguoi", "free_helper", ASKED),
    FormCase(f"{SESSION}/phan-cong/{{assignment_id}}/thay", "nguoi", "free_helper", {"ly_do": "bận"}),
    FormCase("/buoi/{session_under_way}/diem-danh", "learner_id", "learner_id", MARK),
    FormCase("/nguoi-hoc/{ward_id}/moi", HOME, HOME, LEARNER),
    FormCase("/nguoi-hoc/{ward_id}/dong-y", "nguoi", "learner_id", CONSENT),
    FormCase(f"{OF_LEARNER}/sua", HOME, HOME, LEARNER),
    FormCase(f"{OF_LEARNER}/ghi-danh", "chon", "draft", value="buoi-{draft}"),
    FormCase(f"{OF_LEARNER}/buoi/{{session_id}}/doi", "sang", "draft"),
    FormCase("/dia-diem/{ward_id}/moi", "neighbourhood", HOME, VENUE),
    FormCase("/nguoi-day/{ward_id}/to/moi", HOME, HOME, TEAM),
    FormCase("/nguoi-day/{ward_id}/to/{team_id}/thanh-vien", "trainer", "free_helper", {"role": "member"}),
    FormCase("/xac-nhan/{ward_id}", "pick", "awaiting", value="{awaiting}:{skill}", role=Role.ASSESSOR),
]


@pytest.mark.parametrize("case", FORMS, ids=str)
async def test_form_about_a_row_of_another_ward_changes_nothing(site: HostileSite, case: FormCase) -> None:
    own, other = site.town.values, site.town.elsewhere
    path = case.path.format(**own)
    target = matching(site.targets, "POST", path)
    assert target is not None
    what = Attackable(target, case.role.value, path)
    await site.send(what, body=case.body(own, own))
    assert site.changed, "a form that changes nothing tells nothing"

    await site.send(what, body=case.body(own, other))

    assert site.changed == set()
