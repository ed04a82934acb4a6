"""Values for every place of a wording, and the wordings as shipped."""

import json
from collections.abc import Sequence
from datetime import date, time, timedelta
from typing import Any

from lopso.kernel import clock, formatting
from lopso.kernel.paths import shipped
from wordings.rules.addressing import Addressee, people_forms
from wordings.rules.phrases import place_forms, reason_forms, title_forms
from wordings.rules.schedule_phrases import when_forms

WORDINGS: list[dict[str, Any]] = json.loads((shipped("data") / "message_templates.json").read_text())
BODIES = {wording["code"]: wording["body"] for wording in WORDINGS}

THURSDAY = clock.at(date(2026, 11, 26), time(14))
NGUYET = Addressee("Công Tằng Tôn Nữ Thị Nguyệt", "Bà")
AN = Addressee("Hoàng Phủ Quang An", sex="male", birth_year=1979)
PHUONG = Addressee("Nguyễn Khoa Diệu Uyên Phương", "Chị")


def values(
    people: Sequence[Addressee] = (NGUYET,),
    place: str = "Nhà văn hóa TDP 7",
    room: str = "",
    reason: str = "mưa lớn",
    contact: str = "0234 3823 456",
    weeks: int = 1,
) -> dict[str, Sequence[str]]:
    """Values for every place there is."""
    return {
        "time": [formatting.hour(THURSDAY)],
        "day": [formatting.vietnamese_day(THURSDAY)],
        "old_time": ["08h30"],
        "old_day": ["Chủ nhật 22/11"],
        "what": ["lớp kỹ năng số"],
        **people_forms(people, today=2026),
        "place": place_forms(f"{room}, {place}" if room else place, place),
        "reason": reason_forms(reason),
        "title": title_forms("Thanh toán không dùng tiền mặt cho tiểu thương", "ward_class"),
        "when": when_forms([THURSDAY + timedelta(weeks=week) for week in range(weeks)]),
        "role": ["người hỗ trợ"],
        "number": ["12"],
        "contact": [contact],
    }
