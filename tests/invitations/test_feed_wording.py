"""Subscribers fetch a feed anew when it comes to be written otherwise, though no row changed."""

import hashlib
import itertools
from datetime import timedelta

from invitations.queries.feeds import FeedEntry
from invitations.rules.feeds import FeedOwner
from invitations.service.calendar_text import FORMAT_VERSION, feed_calendar
from lopso.kernel.i18n import speak
from scheduling.models import SESSION_KINDS
from tests.factories import NOON

OWNERS = (
    FeedOwner("trainer", 7, "19753"),
    FeedOwner("learner", 7, "19753"),
    FeedOwner("ward", "19753", "19753", 7),
    FeedOwner("venue", 7, "19753", 7),
)
STATES = ("", "offered", "accepted", "withdrawn")
AS_WRITTEN = {3: "e3207bef8fc9b8fd5af276b430bf8bdfaf73d24936370c74747bc8b7b77500e0"}
"""`FORMAT_VERSION` → what these sessions then looked like; the older ones need not stay."""


def entries(role: str) -> list[FeedEntry]:
    """Sessions of every kind, in every state, called off and not."""
    return [
        FeedEntry(
            session_id=number,
            sequence=number,
            kind=kind,
            title="Thanh toán mã QR; gọi 0912 345 678",
            starts_at=NOON + timedelta(days=number),
            ends_at=NOON + timedelta(days=number, hours=2),
            session_cancelled=session_cancelled,
            place="Hội trường, Nhà văn hóa Tổ dân phố 5, 12 Đinh Tiên Hoàng",
            ward="Phường Thuận Hóa",
            ward_phone="+842343823456",
            role=role if state else "",
            state=state,
        )
        for number, (kind, state, session_cancelled) in enumerate(
            itertools.product(SESSION_KINDS, STATES, (False, True)), start=1
        )
    ]


def test_changed_wording_needs_a_new_format_version() -> None:
    digest = hashlib.sha256()
    for language, owner, role in itertools.product(("vi", "en"), OWNERS, ("trainer", "helper")):
        speak(language)
        digest.update(
            feed_calendar(
                owner, entries(role), changed_at=NOON, base_url="https://lop-so.example.vn", name="Hương"
            )
        )
    speak("vi")

    assert AS_WRITTEN.get(FORMAT_VERSION) == digest.hexdigest(), (
        "Feeds are written differently: raise FORMAT_VERSION in invitations/service/calendar_text.py"
        f" and put {digest.hexdigest()!r} under the new number here."
    )
