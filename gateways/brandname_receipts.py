"""Read receipts of a brand-name gateway from arbitrary JSON."""

from gateways.brandname_config import BrandnameConfig
from gateways.protocol import Receipt
from lopso.kernel.json_values import is_list, is_object
from lopso.kernel.parsing import without_unreadable


def value_at(said: object, path: str) -> object:
    """The value at a path such as "data.0.code"; None when missing."""
    for step in path.split("."):
        if is_object(said):
            said = said.get(step)
        elif is_list(said) and step.isdecimal() and int(step) < len(said):
            said = said[int(step)]
        else:
            return None
    return said


def as_text(value: object) -> str | None:
    """A scalar as readable text of at most 64 characters; None for anything else."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return without_unreadable(str(value)[:64]) if isinstance(value, str | int | float) else None


def receipt_of(config: BrandnameConfig, provider_id: str, status: str, error_code: str | None) -> Receipt:
    """The receipt of a lookup or report; an undescribed status counts as accepted."""
    state = config.statuses.get(status, "sent")
    detail = {"status": status, "code": error_code} if error_code else {"status": status}
    if state in ("sent", "delivered") or error_code is None:
        return Receipt(provider_id, state, None, detail)
    kind = config.send.answer.codes.get(error_code)
    match kind:
        case "bad_number" | "not_mobile" | "opted_out" | "unreachable" | "blocked":
            return Receipt(provider_id, state, error_code, detail, kind)
        case _:
            return Receipt(provider_id, state, error_code, detail, "refused")
