"""Reading what a brand-name gateway says: its JSON may be anything."""

from typing import Any

from gateways.brandname_config import Brandname
from gateways.protocol import Receipt


def at(said: Any, path: str) -> Any:
    """The value at "data.0.code"; None where there is none."""
    for step in path.split("."):
        if isinstance(said, dict):
            said = said.get(step)  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]  (JSON)
        elif isinstance(said, list) and step.isdecimal() and int(step) < len(said):  # pyright: ignore[reportUnknownArgumentType]  (JSON)
            said = said[int(step)]  # pyright: ignore[reportUnknownVariableType]  (JSON)
        else:
            return None
    return said  # pyright: ignore[reportUnknownVariableType]  (JSON)


def word(value: Any) -> str | None:
    """A number, a truth or a text as one word, at most 64 characters; None for anything else."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)[:64] if isinstance(value, str | int | float) else None


def receipt(config: Brandname, provider_id: str, status: str, error_code: str | None) -> Receipt:
    """What they say of a text, by lookup or report; one in a state not described they have at least taken."""
    reported = config.statuses.get(status, "sent")
    detail = {"status": status, "code": error_code} if error_code else {"status": status}
    if reported in ("sent", "delivered") or error_code is None:
        return Receipt(provider_id, reported, None, detail)
    kind = config.send.answer.codes.get(error_code)
    match kind:
        case "bad_number" | "not_mobile" | "opted_out" | "unreachable" | "blocked":
            return Receipt(provider_id, reported, error_code, detail, kind)
        case _:
            return Receipt(provider_id, reported, error_code, detail, "refused")
