"""The rules that one page needs, to be sent inside it to a browser that lacks a stylesheet of ours.

On a slow network a stylesheet of its own is a second round trip before anything shows
(docs/decisions/0021-first-paint.md).
"""

import base64
import hashlib
import re
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from markupsafe import Markup

_ALWAYS_THERE = frozenset({"html", "body", ".js"})
"""The last is set by a script."""
_SIGN = re.compile(r""""(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|[{};]""")
_GROUPS = ("@layer", "@media", "@container", "@supports")
_PRINT = "@media print"
_IN_BRACKETS = re.compile(r"(:has)?\(([^()]*)\)|\[[^\]]*\]")
_CLASS_OR_ID = re.compile(r"[.#][a-zA-Z_][\w-]*")
_ELEMENT = re.compile(r"(?<![\w.:#-])[a-z]\w*")
_CLASS_ATTRIBUTE = re.compile(r'\sclass="([^"]*)"')
_ID_ATTRIBUTE = re.compile(r'\sid="([^"]*)"')
_TAG = re.compile(r"<([a-z]\w*)")
_HOVER = ":hover"
_PROPERTY_USED = re.compile(r"var\((--[\w-]+)")
_PROPERTY_SET = re.compile(r"""(?<=[{;])(--[\w-]+):(?:"[^"]*"|[^;{}"])*;?""")


@dataclass(frozen=True, slots=True)
class _Statement:
    """``@layer a,b;``, ``@keyframes …{…}``: kept on every page."""

    text: str

    def for_page(self, names: Set[str]) -> str:
        return self.text


@dataclass(frozen=True, slots=True)
class _Rule:
    """``selectors{declarations}``, each selector with the elements, classes and ids it cannot do without."""

    selectors: Sequence[tuple[str, frozenset[str]]]
    declarations: str

    def for_page(self, names: Set[str]) -> str:
        kept = [selector for selector, needed in self.selectors if needed <= names]
        return f"{','.join(kept)}{{{self.declarations}}}" if kept else ""


@dataclass(frozen=True, slots=True)
class _Group:
    """``@media …{…}`` and the like; kept where anything in it is."""

    prelude: str
    members: "Sequence[_Statement | _Rule | _Group]"

    def for_page(self, names: Set[str]) -> str:
        inside = "".join(each.for_page(names) for each in self.members)
        return f"{self.prelude}{{{inside}}}" if inside else ""


class Stylesheet:
    """A built stylesheet; `version` changes with its content and is "" where nothing was built.

    The browser that has it says so in `cookie`, which is set together with the stylesheet itself.
    """

    def __init__(self, css: str, version: str, cookie: str = "look") -> None:
        self.version = version
        self.cookie = cookie
        self._members = _parse(css, 0)[0]

    @classmethod
    def of_file(cls, file: Path, cookie: str) -> Self:
        """The minified stylesheet in `file`, whose name ends with a hash of its content."""
        if not file.is_file():
            return cls("", "", cookie)
        return cls(file.read_text(encoding="utf-8"), file.stem.rpartition("-")[2], cookie)

    def for_names(self, names: Set[str]) -> str:
        """The rules that can apply on a screen to elements, ``.classes`` and ``#ids`` of these names."""
        return "".join(each.for_page(names) for each in self._members)

    def applies_to(self, body: str) -> bool:
        """Whether any rule can apply to `body`, which is HTML of our own templates."""
        names = _names(body)
        return any(each.for_page(names) for each in self._members if not isinstance(each, _Statement))


@dataclass(frozen=True, slots=True)
class PageStyles:
    """The stylesheets of a page by name: the browser has those `linked`, it lacks those `missing`."""

    linked: Sequence[str]
    missing: Mapping[str, Stylesheet]

    def rules(self, body: str) -> Markup:
        """The rules of the missing ones for `body`, without custom properties that nothing uses."""
        names = _names(body)
        css = "".join(each.for_names(names) for each in self.missing.values())
        used = set(_PROPERTY_USED.findall(css))
        return Markup(_PROPERTY_SET.sub(lambda each: each[0] if each[1] in used else "", css))  # noqa: S704  (our own rules)


def _names(body: str) -> Set[str]:
    classes = {name for each in set(_CLASS_ATTRIBUTE.findall(body)) for name in each.split()}
    ids = (f"#{name}" for name in _ID_ATTRIBUTE.findall(body))
    return _ALWAYS_THERE.union(_TAG.findall(body), (f".{name}" for name in classes), ids)


def source_of(css: str) -> str:
    """How a content security policy names this inline style."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(css.encode()).digest()).decode()}'"


def _parse(css: str, start: int) -> tuple[list[_Statement | _Rule | _Group], int]:
    """What stands from `start` to the end of its group, and the position after that end."""
    found: list[_Statement | _Rule | _Group] = []
    position = start
    while sign := _SIGN.search(css, position):
        position = sign.end()
        if sign.group() == "}":
            return found, position
        if sign.group() == ";":
            found.append(_Statement(css[start:position]))
        elif sign.group() == "{":
            prelude = css[start : sign.start()].strip()
            if prelude.startswith(_GROUPS):
                members, position = _parse(css, position)
                if not prelude.startswith(_PRINT):
                    found.append(_Group(prelude, members))
            else:
                end = _end_of_block(css, position)
                if not prelude.startswith("@page"):
                    found.append(_block(prelude, css[position : end - 1]))
                position = end
        else:  # a string
            continue
        start = position
    return found, len(css)


def _end_of_block(css: str, position: int) -> int:
    """The position after the brace that closes the block of which `position` is inside."""
    depth = 1
    while depth and (sign := _SIGN.search(css, position)):
        depth += {"{": 1, "}": -1}.get(sign.group(), 0)
        position = sign.end()
    return position


def _block(prelude: str, content: str) -> _Statement | _Rule:
    if prelude.startswith("@"):
        return _Statement(f"{prelude}{{{content}}}")
    return _Rule([(each, _needed(each)) for each in _split(prelude)], content)


def _needed(selector: str) -> frozenset[str]:
    """The elements, ``.classes`` and ``#ids`` it cannot do without; :not() and :is() are not looked into."""
    if _HOVER in selector:  # the stylesheet is there before a pointer is
        return frozenset({_HOVER})
    while _IN_BRACKETS.search(selector):
        selector = _IN_BRACKETS.sub(_in_brackets, selector)
    return frozenset(_ELEMENT.findall(selector)).union(_CLASS_OR_ID.findall(selector))


def _in_brackets(found: re.Match[str]) -> str:
    """What is needed of a bracket: all of ``:has(a b)``, nothing of ``:has(a,b)`` and of the others."""
    return f" {found[2]}" if found[1] and "," not in found[2] else ""


def _split(selectors: str) -> list[str]:
    """The selectors of a list, at its commas outside of brackets."""
    parts, depth = [""], 0
    for letter in selectors:
        depth += {"(": 1, "[": 1, ")": -1, "]": -1}.get(letter, 0)
        if letter == "," and depth == 0:
            parts.append("")
        else:
            parts[-1] += letter
    return parts
