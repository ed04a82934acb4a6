"""Names in a plan sheet against those the ward has: "NVH TDP 4", "Truong THCS", "Cô Hương"."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from lopso.kernel.text import fold

MOST_NEAR = 5
_ALIKE = 0.84  # of letters, for slips of the finger

_SAME_WORDS = (
    (re.compile(r"\bnha (?:van hoa|vh|v h)\b|\bn v h\b"), "nvh"),
    (re.compile(r"\bto dan pho\b|\bto(?= \d)"), "tdp"),
    (re.compile(r"\buy ban nhan dan\b|\buy ban\b"), "ubnd"),
    (re.compile(r"\bhoi truong\b"), "ht"),
    (re.compile(r"\btrung hoc co so\b"), "thcs"),
    (re.compile(r"\btieu hoc\b"), "th"),
    (re.compile(r"\b(?:so|lop|phong|truong|nha|tai|mon)\b"), " "),
    (re.compile(r"\b0+(?=\d)"), ""),
)
_TITLES = re.compile(
    r"^(?:(?:dong chi|d/c|dc|giao vien|gv|thay giao|co giao|co|thay|chi|anh|ong|ba|bac|chu|em|o|mu)\b[. ]*)+"
)


@dataclass(frozen=True, slots=True)
class NameMatch:
    """What a name may mean: `sure` when only one of the ward's has it, `near` those like it, best first."""

    sure: int | None
    near: tuple[int, ...] = ()


def match_name(text: str, known: Mapping[int, Sequence[str]]) -> NameMatch:
    """Find a name among those known by id, each under one or several names."""
    wanted = _words(text)
    if not wanted:
        return NameMatch(None)
    of_id = {each: [_words(name) for name in names] for each, names in known.items()}
    equal = [each for each, names in of_id.items() if wanted in names]
    if len(equal) == 1:
        return NameMatch(equal[0], tuple(equal))
    scored = sorted(
        ((-max(_likeness(wanted, name) for name in names), each) for each, names in of_id.items())
    )
    near = [each for score, each in scored if score <= -_ALIKE]
    return NameMatch(None, tuple(dict.fromkeys([*equal, *near]))[:MOST_NEAR])


def match_person(text: str, known: Mapping[int, str]) -> NameMatch:
    """Find a person by name; a given name alone ("Cô Hương") is never sure."""
    wanted = _person_words(text)
    if not wanted:
        return NameMatch(None)
    names = {each: _person_words(name) for each, name in known.items()}
    equal = [each for each, name in names.items() if name == wanted]
    if len(equal) == 1 and len(wanted) > 1:
        return NameMatch(equal[0], tuple(equal))
    ending = [each for each, name in names.items() if name[-len(wanted) :] == wanted]
    return NameMatch(None, tuple(dict.fromkeys([*equal, *ending]))[:MOST_NEAR])


def _words(text: str) -> tuple[str, ...]:
    """The words that tell names apart, in no order."""
    folded = " ".join(re.findall(r"[a-z0-9]+", fold(text)))
    for pattern, short in _SAME_WORDS:
        folded = pattern.sub(short, folded)
    return tuple(sorted(folded.split()))


def _person_words(text: str) -> tuple[str, ...]:
    bare = re.sub(r"\(.*?\)|[\d.+-]{8,}", " ", fold(text))
    return tuple(re.findall(r"[a-z]+", _TITLES.sub("", bare.strip())))


def _likeness(wanted: tuple[str, ...], name: tuple[str, ...]) -> float:
    """1 for the same words; their numbers must be the same; words of one within the other count well."""
    if not name or _numbers(wanted) != _numbers(name):
        return 0.0
    if set(wanted) <= set(name) or set(name) <= set(wanted):
        shorter, longer = sorted((len(wanted), len(name)))
        return _ALIKE + 0.1 * shorter / longer
    return SequenceMatcher(None, " ".join(wanted), " ".join(name), autojunk=False).ratio()


def _numbers(words: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(word for word in words if word.isdigit())
