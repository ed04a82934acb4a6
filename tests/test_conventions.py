"""Conventions of the project that no linter knows."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from itertools import pairwise
from pathlib import Path

ROOT = Path(__file__).parents[1]
PRODUCT = [
    file
    for folder in ("src", *sorted(path.parent.name for path in ROOT.glob("*/__init__.py")))
    for file in sorted((ROOT / folder).rglob("*.py"))
]

# Formats for machines; people never read them.
MACHINE_FORMATS = {
    "src/lopso/kernel/formatting.py",
    "src/lopso/kernel/ical.py",  # RFC 5545
}
UNSHIPPED = ("tests", "tools", "benchmarks", "migrations")
IGNORES = re.compile(r"#\s*(?:(?:ruff|flake8):\s*)?(?:noqa|pyright:|type:\s*ignore|nosec)")
IGNORED_WITH_REASON = re.compile(
    r"# (?:noqa: [A-Z]+\d+(?:, [A-Z]+\d+)*|(?:pyright|type): ignore\[\w+(?:, \w+)*\])  \([^)]{3,}"
    r"|^# .*\n#[ ]pyright: report"
)
WRITES_TIMES = re.compile(r"^strftime$|^[^%]*%[-aAbBcdHIjmMpSuUVwWxXyYZ]|^02d?$|^,[\d.f]*$")


@cache
def parsed(file: Path) -> ast.Module:
    return ast.parse(file.read_text("utf-8"))


def test_only_the_formatting_module_writes_times_and_numbers() -> None:
    """Format specs as in ``f"{instant:%Hh%M}"``, ``f"{minute:02}"``, ``f"{amount:,}"``, and `strftime`."""
    assert [
        f"{name}:{line}: {spec}"
        for file in PRODUCT
        if (name := file.relative_to(ROOT).as_posix()) not in MACHINE_FORMATS
        for line, spec in formats(file)
        if WRITES_TIMES.search(spec)
    ] == []
    assert [
        file.name for file in (ROOT / "templates").rglob("*.*") if "strftime" in file.read_text("utf-8")
    ] == []


def test_names_of_weekdays_are_written_once() -> None:
    assert [
        file.relative_to(ROOT).as_posix()
        for file in PRODUCT
        if re.search('thứ (?:Ba|Tư|Năm|Sáu|Bảy)"[,)]', file.read_text("utf-8"), re.IGNORECASE)
    ] == ["src/lopso/kernel/formatting.py"]


def test_refusal_answered_with_a_redirect_rolls_back_first() -> None:
    """A redirect commits: what was changed before the refusal would be half-saved."""
    assert [
        f"{file.relative_to(ROOT).as_posix()}:{node.lineno}"
        for file in PRODUCT
        for node in ast.walk(parsed(file))
        if isinstance(node, ast.ExceptHandler)
        and "redirect(" in (handled := ast.unparse(node))
        and "db.rollback()" not in handled
    ] == []


def test_ignored_findings_have_their_reason_beside_them() -> None:
    """As in ``# noqa: S603  (our own file)``: the rule is named, and a reason in brackets follows.

    What holds for a whole file has its reason on the line before.
    """
    unshipped = [file for folder in UNSHIPPED for file in sorted((ROOT / folder).rglob("*.py"))]
    assert [
        f"{file.relative_to(ROOT).as_posix()}:{number}: {line.strip()}"
        for file in dict.fromkeys([*PRODUCT, *unshipped])
        for number, (before, line) in enumerate(pairwise(["", *file.read_text("utf-8").splitlines()]), 1)
        if IGNORES.search(line) and not IGNORED_WITH_REASON.search(f"{before}\n{line}")
    ] == []


def formats(file: Path) -> Iterator[tuple[int, str]]:
    """Line and text of every literal format spec of an f-string, and every call of `strftime`."""
    for node in ast.walk(parsed(file)):
        if isinstance(node, ast.FormattedValue) and isinstance(node.format_spec, ast.JoinedStr):
            spec = "".join(
                str(part.value) for part in node.format_spec.values if isinstance(part, ast.Constant)
            )
            yield node.lineno, spec
        elif (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr == "strftime"
        ):
            yield node.lineno, "strftime("


def test_one_class_name_means_one_thing() -> None:
    """Names of classes and of type aliases, across all packages; a leading underscore does not tell apart."""
    places: dict[str, list[str]] = {}
    for file in PRODUCT:
        for name in type_names(parsed(file)):
            places.setdefault(name.lstrip("_"), []).append(file.relative_to(ROOT).as_posix())
    assert {name: files for name, files in places.items() if len(files) > 1} == {}


def type_names(tree: ast.Module) -> Iterator[str]:
    """Classes anywhere in a module, and the type aliases at its top."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef):
            yield node.name
    for node in tree.body:
        match node:
            case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)):
                if re.fullmatch(r"_?[A-Z][a-z]\w*", name):
                    yield name
            case _:
                pass


def test_journeys_wait_for_what_they_assert() -> None:
    """`expect` waits for a page that is still being drawn; an assertion on what is seen at once does not."""
    at_once = re.compile(r"assert (?:not )?await .*\.is_(?:visible|hidden|checked|enabled)\(\)$", re.M)
    files = sorted((ROOT / "tests" / "journeys").glob("*.py"))
    assert {file.name: found for file in files if (found := at_once.findall(file.read_text()))} == {}
