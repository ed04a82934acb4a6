"""The list of packages is written in several places; layers are kept by import-linter (`make lint`)."""

import ast
import tomllib
from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
FLOORS, *INSIDE = PROJECT["tool"]["importlinter"]["contracts"]

SIGNS = ("models.py", "routes.py", "models", "routes")
OPEN_TO_OTHERS = {
    "models",
    "queries",
    "service",
    "events",
    "errors",
    "rules",
    "labels",
}
OPEN_AS_A_WHOLE = {"gateways"}
"""Packages that know nothing of the domain and have no routes: libraries for those above."""


@cache
def domain_packages() -> AbstractSet[str]:
    """Folders at the top that hold models or pages."""
    return frozenset(path.name for path in ROOT.iterdir() if any((path / name).exists() for name in SIGNS))


def top_packages() -> set[str]:
    """Domain packages, and those that they share (no table, no page)."""
    return {path.parent.name for path in ROOT.glob("*/__init__.py")}


def test_every_tool_knows_every_package() -> None:
    assert domain_packages() < top_packages()
    assert set(PROJECT["tool"]["importlinter"]["root_packages"]) == {"lopso", *top_packages()}
    inside = [name for contract in INSIDE for name in contract["containers"]]
    assert sorted(name for name in inside if "." not in name) == sorted(top_packages())
    assert all(contract["exhaustive"] for contract in INSIDE)
    assert top_packages() < set(PROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]["only-include"])
    assert top_packages() < set(PROJECT["tool"]["pyright"]["include"])
    assert top_packages() < set(PROJECT["tool"]["ruff"]["lint"]["isort"]["known-first-party"])

    floors = {name.strip(" ()") for layer in FLOORS["layers"] for name in layer.replace("|", ":").split(":")}
    src = ROOT / "src" / "lopso"
    entry_points = {f"lopso.{path.stem}" for path in src.glob("*.py")} - {"lopso.__init__"}
    packages = {f"lopso.{path.parent.name}" for path in src.glob("*/__init__.py")}
    assert top_packages() | entry_points | packages <= floors


def test_package_lopso_imports_nothing_itself() -> None:
    body = ast.parse((ROOT / "src" / "lopso" / "__init__.py").read_text()).body
    assert not [
        node for node in ast.walk(ast.Module(body, [])) if isinstance(node, ast.Import | ast.ImportFrom)
    ]


def test_only_offered_modules_of_other_packages_are_imported() -> None:
    assert [
        f"{file.relative_to(ROOT)}:{line} imports {module}"
        for package in sorted(domain_packages())
        for file in sorted((ROOT / package).rglob("*.py"))
        for line, module in imported(file)
        if (parts := module.split("."))[0] in domain_packages() - {package} - OPEN_AS_A_WHOLE
        and not OPEN_TO_OTHERS.intersection(parts[1:2])
    ] == []


def imported(file: Path) -> Iterator[tuple[int, str]]:
    """Line and full name of everything `file` imports."""
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file} imports relatively"
            yield from ((node.lineno, f"{node.module}.{name.name}") for name in node.names)
        elif isinstance(node, ast.Import):
            yield from ((node.lineno, name.name) for name in node.names)
