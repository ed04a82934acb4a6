"""Docstrings name what is there: parameters, attributes and exceptions."""

import ast
import builtins
import re
from collections.abc import Iterator

from tests.test_conventions import PRODUCT, ROOT, parsed

SECTION = r"{}:\n((?:(?: +.*)?\n?)*)"
NAMES = re.compile(r"^    (\w+(?:, \w+)*):", re.MULTILINE)
COMPOUND_NAME = re.compile(r"\b[A-Z][a-z]+[A-Z]\w+\b")


def test_parameters_that_docstrings_explain_exist() -> None:
    assert [
        f"{place}: {name}"
        for place, node in functions()
        for name in names_in(node, "Args")
        if name not in {each.arg for each in ast.walk(node.args) if isinstance(each, ast.arg)}
    ] == []


def test_attributes_that_docstrings_explain_exist() -> None:
    assert [
        f"{file.relative_to(ROOT).as_posix()}:{node.lineno}: {name}"
        for file in PRODUCT
        for node in ast.walk(parsed(file))
        if isinstance(node, ast.ClassDef)
        for name in names_in(node, "Attributes")
        if not re.search(rf"\b{name}\b", "\n".join(ast.unparse(each) for each in node.body[1:]))
    ] == []


def test_exceptions_that_docstrings_name_exist() -> None:
    ours = {
        node.name for file in PRODUCT for node in ast.walk(parsed(file)) if isinstance(node, ast.ClassDef)
    }
    imported = {
        each.name
        for file in PRODUCT
        for node in ast.walk(parsed(file))
        if isinstance(node, ast.ImportFrom)
        for each in node.names
    }
    known = {*ours, *imported, *dir(builtins)}
    assert [
        f"{place}: {name}"
        for place, node in functions()
        for name in COMPOUND_NAME.findall(section(node, "Raises"))
        if name not in known
    ] == []


def functions() -> Iterator[tuple[str, ast.FunctionDef | ast.AsyncFunctionDef]]:
    """Every function of the product, with its place and line."""
    for file in PRODUCT:
        for node in ast.walk(parsed(file)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield f"{file.relative_to(ROOT).as_posix()}:{node.lineno}", node


def section(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef, title: str) -> str:
    """The text of a section of its docstring; empty where there is none."""
    found = re.search(SECTION.format(title), ast.get_docstring(node) or "")
    return found[1] if found else ""


def names_in(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef, title: str) -> list[str]:
    """The names that a section explains."""
    return [name for line in NAMES.findall(section(node, title)) for name in line.split(", ")]
