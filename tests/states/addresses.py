"""Which addresses a route has: every state of what its parameters name, and the queries it reads."""

import re
from collections.abc import Iterator, Mapping, Sequence

from notifications.routes.actions import ACTIONS
from tests.states.objects import Objects

NOUNS: Mapping[str, Sequence[str]] = {
    "": (),
    "ward_id": ("ward",),
    "session_id": ("session",),
    "assignment_id session_id": ("assignment",),
    "learner_id session_id": ("enrolment",),
    "learner_id session_id ward_id": ("learner", "enrolment"),
    "learner_id series_id ward_id": ("learner", "series"),
    "action_slug session_id": ("session", "action"),
    "ward_id learner_id": ("learner",),
    "demonstration_id learner_id ward_id": ("demonstration",),
    "round_id ward_id": ("consent round",),
    "trainer_id ward_id": ("helper",),
    "team_id ward_id": ("team",),
    "team_id trainer_id ward_id": ("member",),
    "venue_id ward_id": ("venue",),
    "room_id venue_id ward_id": ("room",),
    "market_id ward_id": ("market",),
    "aisle_id market_id ward_id": ("aisle",),
    "neighbourhood_id ward_id": ("neighbourhood",),
    "course_id ward_id": ("course",),
    "series_id ward_id": ("series",),
    "holiday_id ward_id": ("holiday",),
    "closure_id": ("closure",),
    "closure_id ward_id": ("closure",),
    "message_id ward_id": ("text",),
    "action_slug message_id ward_id": ("text", "action"),
    "sign_off_id ward_id": ("sign-off",),
    "mail_id ward_id": ("mail",),
    "mail_id number": ("mailbox",),
    "user_id": ("user",),
    "grant_id": ("grant",),
    "framework_id": ("edition",),
    "code": ("wording",),
    "typed": ("serial",),
    "assignment_id": ("assignment",),
    "absence_id": ("absence",),
    "absence_id trainer_id ward_id": ("absence",),
    "session_id token": ("page session",),
    "name token": ("page file",),
    "anything token": ("page", "anything"),
}
"""By the sorted parameters of a route, the nouns whose states give them."""

NOUNS_BY_ROUTE: Mapping[str, Sequence[str]] = {
    "/loi-moi/{token}": ("invitation",),
    "/hv/": ("page",),
    "/chung-nhan/": ("certificate",),
    "/lich-rieng/{name}": ("feed",),
    "/nguoi-hoc/{ward_id}/nhap/{staged_id}": ("learner list",),
    "/nguoi-day/{ward_id}/nhap/{staged_id}": ("helper list",),
    "/lich/{ward_id}/nhap/{staged_id}": ("plan",),
    "/webhook/": ("reference",),
}
"""By the beginning of a path, where the parameters alone do not say it."""


def parameters(path: str) -> str:
    """The names in braces, sorted."""
    return " ".join(sorted(re.findall(r"{(\w+)}", path)))


def nouns_of(path: str) -> Sequence[str] | None:
    """What an address of this route speaks of; None where nobody has said it."""
    names = parameters(path)
    known = {" ".join(sorted(key.split())): nouns for key, nouns in NOUNS.items()}
    if names in known:
        return known[names]
    return next((nouns for start, nouns in NOUNS_BY_ROUTE.items() if path.startswith(start)), None)


def addresses(path: str, objects: Objects) -> Iterator[tuple[str, str]]:
    """Pairs of the state and the address, each state of each noun at least once."""
    states = [list(objects.found[noun].items()) for noun in nouns_of(path) or ()]
    if not all(states):
        return
    for number in range(max(map(len, states), default=1)):
        values: dict[str, str] = {}
        chosen = [each[number % len(each)] for each in states]
        for _state, each in chosen:
            values |= each
        yield ", ".join(state for state, _ in chosen), path.format(**values)


def add_words(objects: Objects) -> None:
    """Parameters that are no rows."""
    for slug in ACTIONS:
        objects.add("action", slug, action_slug=slug)
    objects.add("anything", "unknown", anything="khac")
    objects.add("reference", "unknown", reference="00000000-0000-0000-0000-000000000000", token="x")
