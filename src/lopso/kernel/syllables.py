"""Which words are possible Vietnamese syllables."""

import re
import unicodedata
from functools import lru_cache

_ONSETS = "b|c|ch|d|đ|g|gh|gi|h|k|kh|l|m|n|ng|ngh|nh|p|ph|q|r|s|t|th|tr|v|x"
_OPEN = (
    "a ai ao au ay âu ây e eo ê êu i ia iu iêu o oi oa oai oao oay oe oeo ô ôi ơ ơi u ua ui uây uê "
    "uôi uy uya uyu uơ ư ưa ưi ưu ươi ươu y yêu"
)
_NASAL = (
    "am an ang anh ăm ăn ăng âm ân âng em en eng êm ên ênh im in inh iêm iên iêng om on ong oam oan "
    "oang oanh oăm oăn oăng oen oong ôm ôn ông ơm ơn um un ung uân uâng uênh uôm uôn uông uyên uynh "
    "ưng ươm ươn ương yêm yên yêng"
)
_STOPPED = (
    "ac ach ap at ăc ăp ăt âc âp ât ec ep et êch êp êt ich ip it iêc iêp iêt oc op ot oac oach oap "
    "oat oăc oăt oet ooc ôc ôp ôt ơp ơt uc up ut uât uêch uôc uôt uych uyêt uyt ưc ưt ươc ươp ươt yêt"
)
_OPEN_AFTER_Q = "uao uay uai ue ueo uan uang uanh uăn uăng uen uên"
_STOPPED_AFTER_Q = "uac uat uăc uăt uet"


def _one_of(rimes: str) -> str:
    return "|".join(rimes.split())


_SYLLABLE = re.compile(
    rf"(?:{_ONSETS})?(?:(?P<free>{_one_of(f'{_OPEN} {_NASAL}')})|(?P<stopped>{_one_of(_STOPPED)}))"
    rf"|q(?:(?P<free_q>{_one_of(_OPEN_AFTER_Q)})|(?P<stopped_q>{_one_of(_STOPPED_AFTER_Q)}))"
)
# They end in a glide, which never has the tone: "baù" and "leõ" are no syllables.
_GLIDES = (
    "ai ao au ay âu ây eo êu iu iêu oi oai oao oay ôi ơi ui uôi uây uyu ưi ưu ươi ươu yêu uao uay uai ueo"
)
_GLIDING = frozenset(_GLIDES.split())
_TONES = "\u0300\u0301\u0303\u0309\u0323"


def sense_of(text: str) -> float:
    """Return which part of the marked words are possible Vietnamese syllables; 1.0 when no word is marked."""
    marked = [word for word in text.split() if not word.isascii()]
    if not marked:
        return 1.0
    return sum(_is_syllable(word) for word in marked) / len(marked)


@lru_cache(maxsize=4096)
def _is_syllable(word: str) -> bool:
    core = word.strip(".,;:!?()[]{}'\"/+-–“”‘’0123456789…")
    parts = [part for part in re.split(r"[-/.,'’()]", core) if part]
    return all(_is_one_syllable(part) for part in parts)


def _is_one_syllable(part: str) -> bool:
    # Inside a word a capital after a small letter is the mark of a wrong reading, not of a name.
    if not (part.islower() or part.isupper() or part[1:].islower()) and len(part) > 1:
        return False
    decomposed = unicodedata.normalize("NFD", part.lower())
    tones = [char for char in decomposed if char in _TONES]
    letters = unicodedata.normalize("NFC", "".join(char for char in decomposed if char not in _TONES))
    match = _SYLLABLE.fullmatch(letters)
    if match is None or len(tones) > 1:
        return False
    free = match["free"] or match["free_q"]
    # "giú" and "quí" have the tone on their only vowel.
    if free in _GLIDING and decomposed[-1] in _TONES and not letters.startswith(("gi", "q")):
        return False
    return free is not None or tones in (["\u0301"], ["\u0323"])
