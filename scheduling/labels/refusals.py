"""What was refused, in words."""

from lopso.kernel.errors import InvalidInput, Refused


def refusal_text(refusal: InvalidInput | Refused | None) -> str | None:
    """What a refused plan says above its preview."""
    if isinstance(refusal, InvalidInput):
        return " ".join(refusal.fields.values())
    return refusal.sentence if refusal else None
