"""What a list says its helpers can teach, as codes of skills and of skill groups."""

import json
import re
from pathlib import Path

from lopso.kernel.text import fold

_WORDS = json.loads((Path(__file__).parent / "words.json").read_text(encoding="utf-8"))
_EVERYTHING = frozenset(map(fold, _WORDS["everything"]))


def means_everything(item: str) -> bool:
    """Whether an item stands for every skill ("Tất cả")."""
    return fold(item) in _EVERYTHING


def skill_codes(item: str) -> tuple[frozenset[str], frozenset[str]] | None:
    """Return the codes of skills and of skill groups one item means, by the shipped list of synonyms."""
    folded = fold(item)
    entries = [(fold(name), entry) for entry in _WORDS["skills"] for name in entry["names"]]
    exact = next((entry for name, entry in entries if name == folded), None)
    contained = [(name, entry) for name, entry in entries if re.search(rf"\b{name}\b", folded)]
    entry = exact or max(contained, key=lambda found: len(found[0]), default=("", None))[1]
    if entry is None:
        return None
    return frozenset(entry.get("codes", ())), frozenset(entry.get("groups", ()))
