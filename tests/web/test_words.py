"""One thing has one name on form, page, list and among imported columns: docs/words.md."""

import re
from pathlib import Path

from babel.messages.pofile import read_po

from learners.importing import drafts as learner_drafts
from people import columns
from trainers.importing import drafts as trainer_drafts

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = ROOT / "templates"
ENGLISH = ROOT / "src" / "lopso" / "locale" / "en" / "LC_MESSAGES" / "lopso.po"

WORDS = r'_\(\s*"([^"]+)"'
FORM_LABEL = re.compile(
    r"form\.(?:field|select|textarea|radios|checkboxes|checkbox|file)\(\s*[^,]+?,\s*" + WORDS, re.DOTALL
)
CELL_LABEL = re.compile(r'data-label="\{\{ ' + WORDS)
HEADINGS = re.compile(r"(?:ui\.table\(|set (?:headings|columns) =)\s*\[(.*?)\]", re.DOTALL)
FACTS = re.compile(r"(?:ui\.facts\(|set rows =|rows\.extend\()\[(.*?)\]\)?", re.DOTALL)
FACT = re.compile(r"\(\s*" + WORDS + r"[^)]*\),")


def labels_on_pages() -> dict[str, set[str]]:
    """Label of a field, of a cell, of a fact, heading of a column: to the templates that have it."""
    found: dict[str, set[str]] = {}
    for page in sorted(TEMPLATES.rglob("*.html")):
        text = page.read_text()
        labels = [*FORM_LABEL.findall(text), *CELL_LABEL.findall(text)]
        labels += [label for part in HEADINGS.findall(text) for label in re.findall(WORDS, part)]
        labels += [label for part in FACTS.findall(text) for label in FACT.findall(part)]
        for label in labels:
            found.setdefault(label, set()).add(page.relative_to(TEMPLATES).as_posix())
    return found


def labels_of_columns() -> dict[str, set[str]]:
    """Label of a column of an imported list: to the kind of list."""
    kinds = {
        "people": columns.labels(),
        "learners": learner_drafts.labels(),
        "trainers": trainer_drafts.labels(),
    }
    found: dict[str, set[str]] = {}
    for kind, labels in kinds.items():
        for label in labels.values():
            found.setdefault(label, set()).add(kind)
    return found


def settled() -> tuple[set[str], set[str]]:
    """The names in the table, and those that something else is not to be called."""
    table = (ROOT / "docs" / "words.md").read_text()
    rows = re.findall(r"^\| [^|]+ \| ([^|]+) \|([^|]*)\|$", table, re.MULTILINE)
    names, others = set[str](), set[str]()
    for name, instead in rows[1:]:
        names.add(name.strip())
        between = ";" if ";" in instead else ","
        others |= {each.strip() for each in instead.split(between) if each.strip()}
    return names, others


def test_no_label_uses_a_name_that_was_settled_otherwise() -> None:
    _names, others = settled()
    labels = labels_on_pages() | labels_of_columns()
    assert len(labels) > 100
    assert {label: sorted(labels[label]) for label in others if label in labels} == {}


def test_table_of_words_has_no_name_on_both_sides() -> None:
    names, others = settled()
    assert len(names) > 15
    assert names & others == set()


def test_no_sentence_calls_helpers_of_either_role_teachers() -> None:
    """ "Người dạy" was both the list of all and one of the two roles."""
    explains_texts = {"vai trò: người dạy hoặc người hỗ trợ"}
    said = {str(message.id) for message in read_po(ENGLISH.open("rb")) if message.id}
    assert len(said) > 2_000
    assert {each for each in said if re.search(r"người dạy(?! chính)", each, re.IGNORECASE)} == explains_texts
