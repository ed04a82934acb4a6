"""Names of several people in one sentence, and their phones."""

from collections import Counter
from collections.abc import Mapping

from lopso.kernel import phone


def distinct_names(people: Mapping[int, tuple[str, str]]) -> dict[int, str]:
    """Names by id; where several have one name, with what else is known of each: "Bà Lê Thị Lan (1958)".

    Args:
        people: by id the name and what tells namesakes apart, which may be empty.
    """
    shared = Counter(name for name, _about in people.values())
    return {
        one: f"{name} ({about})" if about and shared[name] > 1 else name
        for one, (name, about) in people.items()
    }


def masked_phone(e164: str) -> str:
    """ "0912 ••• 678" for a list, never broken over two lines."""
    return phone.masked(e164).replace(" ", "\u00a0")
