"""Audiences on screen."""

from collections.abc import Iterable

from learners.rules import audience_labels


def audience_label(codes: Iterable[str]) -> str:
    """ "Người cao tuổi, Tiểu thương", in the usual order."""
    chosen = set(codes)
    return ", ".join(name for code, name in audience_labels().items() if code in chosen)
