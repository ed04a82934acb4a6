"""Learners' cards as PDF, four to a sheet.

A card is read by the learner and the family: its text is always Vietnamese, and does not mention money,
documents or secret numbers.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path

import typst

from learner_portal.rules.salutations import full_salutation
from learners.models import Learner
from lopso.kernel import phone
from lopso.kernel.paths import shipped
from lopso.kernel.qr import qr_svg
from lopso.kernel.text import nfc
from venues.models import Ward
from wordings.rules.addressing import Addressee

_LAYOUT = Path(__file__).with_name("card.typ")

TEXTS: Mapping[str, str] = {
    "title": "Thẻ học viên",
    "use": "Quét mã bằng máy ảnh điện thoại để xem lịch học. Không cần mật khẩu.",
    "lost": "Mất thẻ, xin báo phường, xã.",
    "ask": "Cần hỏi, xin gọi",
}
ASK_AT_OFFICE = "Cần hỏi, xin đến"
"""Replaces "ask" where the ward has no phone number; staff see a hint before they print."""


@dataclass(frozen=True, slots=True)
class LearnerCard:
    """One learner's card.

    Attributes:
        contact: the ward's phone, or its office when it has none.
        address: URL of the learner's page, the content of the QR code.
    """

    name: str
    ward: str
    contact: str
    address: str


def cards_for(
    learners: Sequence[Learner], tokens: Mapping[int, str], ward: Ward, *, public_url: str, this_year: int
) -> list[LearnerCard]:
    """The cards of these learners, all of `ward`.

    Args:
        tokens: by learner id.
        this_year: for the form of address where the family gave none.
    """
    contact = phone.display(ward.phone) if ward.phone else _ward_office(ward.full_name)
    return [
        LearnerCard(
            name=full_salutation(
                Addressee(learner.full_name, learner.title, learner.sex, learner.birth_year), this_year
            ),
            ward=nfc(ward.full_name),
            contact=contact,
            address=page_address(public_url, tokens[learner.id]),
        )
        for learner in learners
    ]


def page_address(public_url: str, token: str) -> str:
    """URL of the page of a card."""
    return f"{public_url}/hv/{token}"


def render_cards(cards: Sequence[LearnerCard], *, has_phone: bool) -> bytes:
    """The sheets as PDF, four cards each. Blocks for about 10 ms a card: call it in a thread."""
    data = {
        **TEXTS,
        "ask": TEXTS["ask"] if has_phone else ASK_AT_OFFICE,
        "cards": [{**asdict(card), "qr": qr_svg(card.address)} for card in cards],
    }
    return typst.compile(
        _LAYOUT.read_bytes(), font_paths=_fonts(), sys_inputs={"data": json.dumps(data)}, format="pdf"
    )


def _ward_office(ward_name: str) -> str:
    return f"Ủy ban nhân dân {ward_name[:1].lower()}{ward_name[1:]}"


@cache
def _fonts() -> typst.Fonts:
    """Only the font that is shipped, so that a card looks the same on every machine."""
    return typst.Fonts(
        include_system_fonts=False,
        include_embedded_fonts=False,
        font_paths=[str(shipped("static") / "built" / "fonts")],
    )
