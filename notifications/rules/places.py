"""The values that a finished text has in the places of its wording, for providers that want them apart."""

import re
from collections.abc import Mapping

_PLACE = re.compile(r"\{(\w+)\}")


def values_in(wording: str, body: str) -> Mapping[str, str] | None:
    """Place → value, in the order of the places; None where `body` does not come from `wording`.

    Put back into their places the values give `body` again, whatever they contain.
    """
    parts = _PLACE.split(wording)
    seen: set[str] = set()
    pattern = re.escape(parts[0])
    for name, words in zip(parts[1::2], parts[2::2], strict=True):
        pattern += f"(?P={name})" if name in seen else f"(?P<{name}>.*?)"
        pattern += re.escape(words)
        seen.add(name)
    found = re.fullmatch(pattern, body, re.DOTALL)
    return found.groupdict() if found else None
