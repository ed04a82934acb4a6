"""SQL written as text keeps to the layers too: it names only tables of its package and of those below."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from lopso.application import registry
from lopso.kernel.db import Base
from tests.test_floors import FLOORS, ROOT, top_packages

_NAMED = re.compile(
    r"\b(?:FROM|JOIN|INTO|UPDATE|USING|TABLE|ONLY)\s+(?:ONLY\s+)?([a-z_]+(?:\s+(?:AS\s+)?[a-z_]+)?"
    r"(?:\s*,\s*[a-z_]+(?:\s+(?:AS\s+)?[a-z_]+)?)*)"
)
_STATEMENT = re.compile(r"\b(?:SELECT|INSERT INTO|UPDATE|DELETE FROM)\b")

# Foreign keys of the kernel's own tables: the user and the ward that their rows belong to.
KEYS_UPWARDS = {
    ("src/lopso/kernel/audit.py", "app_user"),
    ("src/lopso/kernel/operations/delivery_pause.py", "app_user"),
    ("src/lopso/kernel/workbook/left_out_rows.py", "app_user"),
    ("src/lopso/kernel/workbook/left_out_rows.py", "ward"),
    ("src/lopso/kernel/workbook/remembered.py", "app_user"),
    ("src/lopso/kernel/workbook/remembered.py", "ward"),
    ("src/lopso/kernel/workbook/staging.py", "app_user"),
    ("src/lopso/kernel/workbook/staging.py", "ward"),
}


def owners() -> dict[str, str]:
    """Which package each table belongs to: "scheduling", "lopso.kernel"."""
    assert registry  # imports every model
    return {
        mapper.class_.__tablename__: package_of(mapper.class_.__module__) for mapper in Base.registry.mappers
    }


def package_of(module: str) -> str:
    """The package of a module as the layers name it: "scheduling", "lopso.kernel"."""
    parts = module.split(".")
    return ".".join(parts[: 2 if parts[0] == "lopso" else 1])


def below() -> dict[str, set[str]]:
    """What each package may see: itself and the layers below."""
    seen: dict[str, set[str]] = {}
    lower: set[str] = set()
    for layer in reversed(FLOORS["layers"]):
        names = {name.strip(" ()") for name in re.split(r"[|:]", layer)}
        for name in names:
            seen[name] = {name, *lower}
        lower |= names
    return seen


def tables_named(sql: str) -> set[str]:
    """Names that stand where a statement names its tables; those of CTEs and functions may be among them."""
    return {
        each.split()[0]
        for found in _NAMED.findall(sql)
        for each in re.split(r"\s*,\s*", found)
        if each.strip()
    }


def sql_of(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Line and text of every literal that holds a statement, or a part of one to be put into another."""
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            text = " ".join(
                str(part.value) if isinstance(part, ast.Constant) else "x" for part in node.values
            )
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            text = node.value
        else:
            continue
        if _STATEMENT.search(text):
            yield node.lineno, text


def foreign_keys(tree: ast.AST) -> Iterator[str]:
    """The table of every ``ForeignKey("ward.id")``, and of keys of several columns."""
    for call in ast.walk(tree):
        if not (isinstance(call, ast.Call) and isinstance(call.func, ast.Name)):
            continue
        if call.func.id in ("ForeignKey", "ForeignKeyConstraint"):
            for each in ast.walk(call):
                if isinstance(each, ast.Constant) and isinstance(each.value, str) and "." in each.value:
                    yield each.value.split(".")[0]


@pytest.mark.parametrize(
    ("sql", "names"),
    [
        ("SELECT 1 FROM message JOIN ward ON true", {"message", "ward"}),
        ("UPDATE mail AS m SET state = 'x' FROM invite i, learner WHERE true", {"mail", "invite", "learner"}),
        ("INSERT INTO mail (id) SELECT 1 ON CONFLICT DO UPDATE SET id = 1", {"mail"}),
        ("DELETE FROM awaiting USING ward WHERE true", {"awaiting", "ward"}),
        ("SELECT max(id) FROM ONLY series FOR UPDATE", {"series"}),
    ],
)
def test_tables_of_a_statement_are_read(sql: str, names: set[str]) -> None:
    assert names <= tables_named(sql)


def test_sql_names_only_tables_of_its_package_or_below() -> None:
    owner, visible = owners(), below()
    named = [
        (file, line, name)
        for file in product_files()
        for line, sql in sql_of(ast.parse(file.read_text("utf-8")))
        for name in tables_named(sql)
        if name in owner
    ]
    assert len(named) > 100, "statements are no longer found"
    assert [
        f"{file.relative_to(ROOT)}:{line} names {name} of {owner[name]}"
        for file, line, name in named
        if owner[name] not in visible[package_of(module_of(file))]
    ] == []


def test_foreign_keys_point_to_the_package_or_below() -> None:
    owner, visible = owners(), below()
    keys = {
        (file.relative_to(ROOT).as_posix(), table)
        for file in product_files()
        for table in foreign_keys(ast.parse(file.read_text("utf-8")))
        if owner[table] not in visible[package_of(module_of(file))]
    }
    assert keys == KEYS_UPWARDS


def product_files() -> list[Path]:
    """Every Python file of the product."""
    folders = [*(ROOT / name for name in top_packages()), ROOT / "src" / "lopso"]
    return sorted(file for folder in folders for file in folder.rglob("*.py"))


def module_of(file: Path) -> str:
    """Its dotted name."""
    parts = file.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[1:] if parts[0] == "src" else parts)
