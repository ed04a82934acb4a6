"""Every sentence has its English: compare what the sources say with the .po file.

Vietnamese is the message id. ``--update`` brings new sentences into the file, untranslated, and takes
out those no longer said; a translator fills the empty ones.
"""

import re
import sys
import tomllib
from collections.abc import Iterator, Sequence
from pathlib import Path

import jinja2
from babel.messages import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parents[1]
SHIPPED: list[str] = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["hatch"]["build"][
    "targets"
]["wheel"]["only-include"]
ENGLISH = ROOT / "src" / "lopso" / "locale" / "en" / "LC_MESSAGES" / "lopso.po"

METHODS = {"templates": [("**.*", "jinja2")]}
OPTIONS = {"**.*": {"silent": "false", "trim_blocks": "true", "lstrip_blocks": "true"}}

PLACE = re.compile(r"%\((\w+)\)")
VIETNAMESE = re.compile(r"[À-ÖØ-öø-ỹ]")
NAME = "Lớp Số"


def main() -> int:
    """Say what is wrong, 1 if anything is; with ``--update`` write the file instead."""
    said, known = sentences(), english()
    if "--update" in sys.argv:
        update(known, said)
        return 0
    faults = [*missing(known, said), *left_over(known, said), *misplaced(known), *unwrapped()]
    for fault in faults:
        print(fault)
    print(f"{len(said)} sentences, {len(faults)} faults.", file=sys.stderr)
    return 1 if faults else 0


def sentences() -> Catalog:
    """Everything the sources say to people."""
    catalog = Catalog(locale="en", domain="lopso")
    for folder in (ROOT / name for name in SHIPPED if name != "migrations"):
        method = METHODS.get(folder.name, [("**.py", "python")])
        for file, line, message, _, context in extract_from_dir(folder, method, OPTIONS):
            where = (folder / file).relative_to(ROOT).as_posix()
            catalog.add(message, locations=[(where, line)], context=context)
    return catalog


def english() -> Catalog:
    """The English file; an empty one when there is none yet."""
    if not ENGLISH.is_file():
        return Catalog(
            locale="en",
            domain="lopso",
            header_comment="# English; the Vietnamese sentence is the message id.",
            project="lopso",
            msgid_bugs_address="",
            last_translator="",
            language_team="",
            charset="utf-8",
            fuzzy=False,
        )
    with ENGLISH.open("rb") as file:
        return read_po(file, locale="en", domain="lopso")


def update(known: Catalog, said: Catalog) -> None:
    """Update the file from the sources."""
    known.update(said, no_fuzzy_matching=True, update_creation_date=False)
    ENGLISH.parent.mkdir(parents=True, exist_ok=True)
    with ENGLISH.open("wb") as file:
        write_po(file, known, width=0, sort_by_file=True, include_lineno=False, ignore_obsolete=True)
    empty = sum(not translated(message) for message in messages(known))
    print(f"{len(known)} sentences, {empty} without English: {ENGLISH.relative_to(ROOT)}", file=sys.stderr)


def messages(catalog: Catalog) -> Iterator[Message]:
    """The sentences of a catalog; its first entry is a header."""
    return (message for message in catalog if message.id)


def words(message: Message) -> str:
    """The sentence itself, the first form where number matters."""
    return message.id if isinstance(message.id, str) else message.id[0]


def translated(message: Message) -> bool:
    """Whether every form has English that somebody stands by."""
    forms = [message.string] if isinstance(message.string, str) else message.string
    return bool(forms) and all(forms) and not message.fuzzy


def missing(known: Catalog, said: Catalog) -> Iterator[str]:
    """Sentences without English."""
    for message in messages(said):
        there = known.get(message.id, message.context)
        if there is None or not translated(there):
            file, line = message.locations[0]
            yield f"{file}:{line}: no English for {words(message)!r}"


def left_over(known: Catalog, said: Catalog) -> Iterator[str]:
    """English for sentences that nothing says any more."""
    for message in messages(known):
        if said.get(message.id, message.context) is None:
            yield f"{ENGLISH.name}: nothing says {words(message)!r}; `make messages` takes it out"


def misplaced(known: Catalog) -> Iterator[str]:
    """English whose %(places)s are not those of the sentence; a singular may leave the number out."""
    for message in messages(known):
        if not translated(message):
            continue
        wanted = {place for form in _forms(message.id) for place in PLACE.findall(form)}
        *singular, last = (set(PLACE.findall(form)) for form in _forms(message.string))
        if last != wanted or any(not found <= wanted for found in singular):
            yield f"{ENGLISH.name}: other places than {sorted(wanted)} in the English of {words(message)!r}"


def _forms(text: str | Sequence[str] | None) -> Sequence[str]:
    return (text,) if isinstance(text, str) else text or ("",)


def unwrapped() -> Iterator[str]:
    """Vietnamese that stands bare in a template, so that no translation reaches it."""
    lexer = jinja2.Environment(autoescape=True, extensions=["jinja2.ext.i18n"])
    for page in sorted((ROOT / "templates").rglob("*.*")):
        in_trans = False
        for line, kind, text in lexer.lex(page.read_text()):
            if kind == "name" and text in ("trans", "endtrans"):
                in_trans = text == "trans"
            elif kind == "data" and not in_trans:
                bare = [
                    part.strip() for part in text.splitlines() if VIETNAMESE.search(part.replace(NAME, ""))
                ]
                yield from (f"{page.relative_to(ROOT)}:{line}: not within _(): {part!r}" for part in bare)


if __name__ == "__main__":
    sys.exit(main())
