"""What the documentation names is there: files, folders and pages that it links to."""

import os
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
FILE = re.compile(r"`((?:[\w.-]+/)*[\w-]+\.(?:py|html|css|js|json|toml|md|typ|po|lock))`")
FOLDER = re.compile(r"`((?:[\w.-]+/)+)`")
LINK = re.compile(r"\]\(([^)#:]+)(?:#[^)]*)?\)")
# Made at build time, or told as an example.
NOT_KEPT = {"manifest.json", "app.js"}


def tree() -> set[str]:
    """Every file of the project by its path from the root."""
    skipped = {".git", ".venv", ".make", "node_modules", "built", "__pycache__", "dist", "screenshots"}
    files: set[str] = set()
    for folder, folders, names in os.walk(ROOT):
        folders[:] = set(folders) - skipped  # not walked at all: they hold most of the files
        files |= {(Path(folder) / name).relative_to(ROOT).as_posix() for name in names}
    return files


def test_every_file_that_the_documentation_names_exists() -> None:
    files = tree()
    missing = [
        f"{page.relative_to(ROOT)}: {name}"
        for page in PAGES
        for name in FILE.findall(page.read_text())
        if name not in NOT_KEPT and not any(file == name or file.endswith("/" + name) for file in files)
    ]
    assert missing == []


def test_every_link_between_pages_leads_to_a_file() -> None:
    broken = [
        f"{page.relative_to(ROOT)}: {target}"
        for page in PAGES
        for target in LINK.findall(page.read_text())
        if not (page.parent / target).exists()
    ]
    assert broken == []


def test_no_page_holds_a_conflict_of_a_merge() -> None:
    conflict = re.compile(r"^(?:<{7} |>{7} |={7}$)", re.MULTILINE)
    assert [str(page.relative_to(ROOT)) for page in PAGES if conflict.search(page.read_text())] == []


def test_list_of_decisions_names_each_once() -> None:
    decisions = ROOT / "docs" / "decisions"
    listed = [target for target in LINK.findall((decisions / "README.md").read_text()) if "/" not in target]
    assert listed == sorted(page.name for page in decisions.glob("[0-9]*.md"))
