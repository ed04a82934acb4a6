"""Names in templates: each is there whatever the state of what is shown.

Macros take what they need as arguments, and no name is set on one branch and read beyond it: such a page
fails only for some states of its data.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path

from jinja2 import StrictUndefined, meta, nodes

from lopso.application.templates import template_environment

TEMPLATES = Path(__file__).resolve().parents[2] / "templates"
ENVIRONMENT = template_environment()


@cache
def parsed() -> Mapping[str, nodes.Template]:
    """Every template by its name."""
    return {
        path.relative_to(TEMPLATES).as_posix(): ENVIRONMENT.parse(path.read_text())
        for path in sorted(TEMPLATES.rglob("*.html"))
    }


def test_missing_names_are_errors() -> None:
    assert ENVIRONMENT.undefined is StrictUndefined


def test_macros_take_what_they_need_as_arguments() -> None:
    imported = set[str]()
    for name, tree in parsed().items():
        for node in tree.find_all((nodes.Import, nodes.FromImport)):
            assert not node.with_context, f"{name}:{node.lineno}: imported with the page's names"
            assert isinstance(node.template, nodes.Const)
            imported.add(node.template.value)
    wanted = {
        name: meta.find_undeclared_variables(parsed()[name]) - set(ENVIRONMENT.globals) for name in imported
    }
    assert {name: names for name, names in wanted.items() if names} == {}


def test_no_name_set_on_one_branch_is_read_beyond_it() -> None:
    found = [f"{name}:{line}: {word}" for name, tree in parsed().items() for line, word in leaking(tree)]
    assert found == []


def test_check_finds_a_name_set_on_one_branch() -> None:
    source = """
        {% if people %}{% set open = true %}{% endif %}
        {% if people %}{% set each = 1 %}{% else %}{% set each = 2 %}{% endif %}
        {% for row in rows %}{% if row %}{% set inside = row %}{{ inside }}{% endif %}{% endfor %}
        {{ open }}{{ each }}
    """
    assert [word for _, word in leaking(ENVIRONMENT.parse(source))] == ["open"]


def leaking(tree: nodes.Template) -> Iterator[tuple[int, str]]:
    """Line and name of what only some branches of an ``if`` set, and something outside of it reads."""
    for branch in tree.find_all(nodes.If):
        # First what is quick: few branches set a name, and each look for readers walks through the template.
        words = sorted(set_somewhere(branch) - set_everywhere(branch))
        if not words:
            continue
        inside = {id(node) for node in branch.find_all(nodes.Name)}
        outside = {
            node.name for node in tree.find_all(nodes.Name) if node.ctx == "load" and id(node) not in inside
        } | read_by_includes(tree, branch)
        for word in words:
            if word in outside and word not in set_before(tree, branch):
                yield branch.lineno, word


def set_somewhere(branch: nodes.If) -> set[str]:
    return {name for part in (branch.body, branch.elif_, branch.else_) for name in assigned(part)}


def set_everywhere(branch: nodes.If) -> set[str]:
    """Names that each branch sets; none where there is no ``else``."""
    if not branch.else_:
        return set()
    common = assigned(branch.body) & assigned(branch.else_)
    for each in branch.elif_:
        common &= assigned(each.body)
    return common


def set_before(tree: nodes.Template, branch: nodes.If) -> set[str]:
    return {
        node.target.name
        for node in tree.find_all(nodes.Assign)
        if isinstance(node.target, nodes.Name) and node.lineno < branch.lineno
    }


def assigned(part: Sequence[nodes.Node]) -> set[str]:
    """Names that `part` sets for what follows it; a loop, a macro or a call keeps its own to itself."""
    names = set[str]()
    for node in part:
        if isinstance(node, nodes.Assign):
            names |= {each.name for each in node.find_all(nodes.Name) if each.ctx == "store"}
        elif isinstance(node, nodes.If):
            names |= set_somewhere(node)
    return names


def read_by_includes(tree: nodes.Template, branch: nodes.If) -> set[str]:
    inside = {id(node) for node in branch.find_all(nodes.Include)}
    return {
        word
        for node in tree.find_all(nodes.Include)
        if id(node) not in inside and isinstance(node.template, nodes.Const)
        for word in meta.find_undeclared_variables(parsed()[node.template.value])
    }
