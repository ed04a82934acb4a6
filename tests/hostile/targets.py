"""What can be attacked: every address with the fields it reads, found in routes and on rendered pages."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from litestar import Litestar
from litestar.handlers import HTTPRouteHandler
from msgspec import Struct

from lopso.web.forms.declaration import fields_of
from lopso.web.forms.injection import form_kind, handlers_of, params_kind
from lopso.web.guards import Access, access_of


@dataclass(frozen=True)
class Target:
    """One method of one address.

    Attributes:
        path: its pattern, ``/x/{ward_id:str}``.
        form: names of the fields of what is posted.
        query: names of the parameters of the query.
        access: what its route declares.
    """

    method: str
    path: str
    form: tuple[str, ...]
    query: tuple[str, ...]
    access: Access

    def __repr__(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def parameters(self) -> Sequence[str]:
        """Names in the address."""
        return re.findall(r"{(\w+)(?::\w+)?}", self.path)

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """Of the addresses that reach it."""
        parts = re.split(r"{\w+(:int)?[^}]*}", self.path)
        kinds = [r"\d+" if kind else r"[^/]+" for kind in parts[1::2]]
        texts = [re.escape(text) for text in parts[::2]]
        return re.compile("".join(a + b for a, b in zip(texts, [*kinds, ""], strict=True)))

    def at(self, values: Mapping[str, str]) -> str:
        """The address with `values` in it; what has none is a number that nothing has."""
        return re.sub(r"{(\w+)(?::\w+)?}", lambda found: values.get(found[1], "999999"), self.path)


def walk(app: Litestar) -> list[Target]:
    """Every method of every address of the application; those without patterns first."""
    found = [
        Target(str(method), path, _names(form_kind(handler)), _query(handler), _access(handler))
        for handler in handlers_of(app.routes)
        for path in sorted(handler.paths)
        for method in sorted(handler.http_methods - {"HEAD", "OPTIONS"})
    ]
    return sorted(found, key=lambda target: (target.path.count("{"), repr(target)))


def _access(handler: HTTPRouteHandler) -> Access:
    access = access_of(handler)
    assert access is not None, handler
    return access


def _names(kind: type[Struct] | None) -> tuple[str, ...]:
    return tuple(each.name for each in fields_of(kind)) if kind else ()


def _query(handler: HTTPRouteHandler) -> tuple[str, ...]:
    from_form = _names(form_kind(handler)) if "GET" in handler.http_methods else ()
    return tuple(dict.fromkeys([*_names(params_kind(handler)), *from_form]))


@dataclass(frozen=True)
class Attackable:
    """A target at one address, with what a page of ours would send there; `query` as pairs too.

    Attributes:
        role: that sees the form, and so may send it.
    """

    target: Target
    role: str
    path: str
    fields: tuple[tuple[str, str], ...] = ()
    query: tuple[tuple[str, str], ...] = ()

    def __repr__(self) -> str:
        return f"{self.target.method} {self.path} as {self.role or 'nobody'}"

    @property
    def names(self) -> Sequence[str]:
        """All fields it may be sent: those of the page and those declared."""
        return list(dict.fromkeys([*(name for name, _ in self.fields), *self.target.form]))


@dataclass
class SeenForm:
    """A form as a page shows it: where it goes and what stands in it."""

    method: str
    action: str
    fields: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])


def matching(targets: Iterable[Target], method: str, path: str) -> Target | None:
    """The target that a request reaches."""
    return next((each for each in targets if each.method == method and each.pattern.fullmatch(path)), None)
