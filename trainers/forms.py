"""What forms about helpers and teams say, checked field by field."""

from collections.abc import Collection, Mapping
from datetime import date

from lopso.kernel.errors import InvalidInput
from lopso.kernel.i18n import gettext as _
from lopso.kernel.phone import display, read_phone
from lopso.kernel.text import nfc, tidy_name
from people.cells import email_in
from people.phones import stored_phone
from trainers.models import TEAM_KINDS, TRAINER_KINDS, Team, Trainer
from trainers.rules import PARTS, TeamDetails, TrainerDetails

FIELDS = ("full_name", "kind", "sex", "position", "phone", "phone_note", "email", "teaches_all", "note")
TEAM_FIELDS = ("kind", "name", "neighbourhood_id", "active_from", "active_to")
LONGEST = 200  # characters of a line


def typed(form: Mapping[str, str], fields: Collection[str] = FIELDS) -> dict[str, str]:
    """What was typed, to show again as it was."""
    return {name: form.get(name, "").strip()[:1000] for name in fields}


def read_trainer(values: dict[str, str]) -> TrainerDetails:
    """Check what was typed.

    A phone that we read differently (an old 11-digit number) is put into `values["phone"]` as we would store
    it, so that saving once more agrees to it.

    Raises:
        InvalidInput: the sentences by field.
    """
    wrong: dict[str, str] = {}
    name = tidy_name(values["full_name"])
    if not name.name:
        wrong["full_name"] = _("Xin ghi họ tên.")
    elif any(char.isdigit() for char in name.name) or len(name.name) > LONGEST:
        wrong["full_name"] = _("Họ tên chỉ gồm chữ, không quá 200 chữ cái.")
    if values["kind"] not in TRAINER_KINDS:
        wrong["kind"] = _("Xin chọn một.")
    phone = read_phone(values["phone"])
    if phone.doubt and phone.proposed:
        wrong["phone"] = _("%(doubt)s. Nếu đúng, xin bấm lưu lần nữa.", doubt=phone.doubt)
        values["phone"] = display(phone.proposed)
    elif phone.doubt and phone.e164 is None:
        wrong["phone"] = f"{phone.doubt}."
    email = email_in(values["email"])
    if values["email"] and email is None:
        wrong["email"] = _("Địa chỉ e-mail chưa đúng.")
    if wrong:
        raise InvalidInput(wrong)

    stored = stored_phone(phone)
    notes = [values["phone_note"], *stored.notes]
    return TrainerDetails(
        full_name=name.name,
        kind=values["kind"],
        sex=values["sex"] if values["sex"] in ("female", "male") else None,
        position=nfc(values["position"])[:LONGEST],
        phone=stored.number,
        phone_kind=stored.kind,
        phone_note=", ".join(dict.fromkeys(note for note in notes if note))[:LONGEST],
        email=email,
        teaches_all=values["teaches_all"] == "1",
        note=nfc(values["note"]),
    )


def values_of(trainer: Trainer) -> dict[str, str]:
    """What a form shows of a helper."""
    return {
        "full_name": trainer.full_name,
        "kind": trainer.kind,
        "sex": trainer.sex or "",
        "position": trainer.position,
        "phone": display(trainer.phone) if trainer.phone else "",
        "phone_note": trainer.phone_note,
        "email": trainer.email or "",
        "teaches_all": "1" if trainer.teaches_all else "",
        "note": trainer.note,
    }


def read_ids(chosen: Collection[str]) -> list[int]:
    """The ids among ticked values."""
    return [int(each) for each in chosen if each.isdecimal() and len(each) < 18]


def read_parts(chosen: Collection[str]) -> list[tuple[int, str]]:
    """Ticked parts of the week: "0-evening" is Monday evening."""
    pairs = [each.partition("-") for each in chosen]
    return [
        (int(day), part) for day, _dash, part in pairs if day.isdecimal() and int(day) < 7 and part in PARTS
    ]


def read_team(values: dict[str, str]) -> TeamDetails:
    """Check what was typed about a team.

    Raises:
        InvalidInput: the sentences by field.
    """
    wrong: dict[str, str] = {}
    name = " ".join(nfc(values["name"]).split())[:LONGEST]
    if not name:
        wrong["name"] = _("Xin ghi tên tổ, đội.")
    if values["kind"] not in TEAM_KINDS:
        wrong["kind"] = _("Xin chọn một.")
    days: dict[str, date | None] = {}
    for field in ("active_from", "active_to"):
        try:
            days[field] = date.fromisoformat(values[field]) if values[field] else None
        except ValueError:
            wrong[field] = _("Xin ghi ngày theo dạng ngày/tháng/năm.")
    first, last = days.get("active_from"), days.get("active_to")
    if first and last and last < first:
        wrong["active_to"] = _("Ngày kết thúc phải sau ngày bắt đầu.")
    if wrong:
        raise InvalidInput(wrong)
    place = values["neighbourhood_id"]
    return TeamDetails(values["kind"], name, int(place) if place.isdecimal() else None, first, last)


def team_values(team: Team) -> dict[str, str]:
    """What a form shows of a team."""
    return {
        "kind": team.kind,
        "name": team.name,
        "neighbourhood_id": str(team.neighbourhood_id or ""),
        "active_from": team.active_from.isoformat() if team.active_from else "",
        "active_to": team.active_to.isoformat() if team.active_to else "",
    }
