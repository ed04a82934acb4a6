"""A form or a query as it was sent: text by field, bounded, fit to be shown again."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from lopso.kernel.parsing import without_unreadable

LONGEST = 2_000_000
"""Characters of one field that are looked at; what a field may hold is for its type to say."""

ONCE = "_once"
"""Field with the id of a form that is processed once (`lopso.web.submissions`)."""

_NEVER_SHOWN = ("_csrf_token", ONCE)


class Typed:
    """Every field may have been sent several times, or not at all.

    ``typed["name"]`` (``typed.name`` in a template) is the last text sent, "" when there was none.
    """

    def __init__(self, values: Mapping[str, Sequence[str]] | None = None) -> None:
        self._values = {name: tuple(texts) for name, texts in (values or {}).items()}

    @classmethod
    def sent(cls, items: Iterable[tuple[str, object]]) -> "Typed":
        """What a query or a posted form holds; files are passed over."""
        values: dict[str, list[str]] = {}
        for name, value in items:
            if isinstance(value, str):
                values.setdefault(name, []).append(value[:LONGEST])
        return cls(values)

    def __getitem__(self, name: str) -> str:
        return (self._values.get(name) or ("",))[-1]

    def __contains__(self, name: str) -> bool:
        return name in self._values

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Typed) and self._values == other._values

    def __hash__(self) -> int:
        return hash(tuple(self._values.items()))

    def __repr__(self) -> str:
        return f"Typed({', '.join(self._values)})"  # names only: what people type is for no log

    def many(self, name: str) -> Sequence[str]:
        """Every text of a field, in the order sent."""
        return self._values.get(name, ())

    def pairs(self, *, without: Iterable[str] = ()) -> list[tuple[str, str]]:
        """All fields for hidden inputs or an address, those `without` and the CSRF token left out."""
        left_out = {*_NEVER_SHOWN, *without}
        return [
            (name, text) for name, texts in self._values.items() if name not in left_out for text in texts
        ]

    def group(self, prefix: str) -> "Typed":
        """The fields whose names begin with `prefix`, under the rest of their names."""
        return Typed(
            {
                name.removeprefix(prefix): texts
                for name, texts in self._values.items()
                if name.startswith(prefix)
            }
        )

    def changed(self, **texts: str | Sequence[str]) -> "Typed":
        """The same with other texts in some fields."""
        new = {name: (text,) if isinstance(text, str) else tuple(text) for name, text in texts.items()}
        return Typed({**self._values, **new})

    def with_defaults(self, **texts: str | Sequence[str]) -> "Typed":
        """The same with fields that were not sent filled in."""
        return self.changed(**{name: text for name, text in texts.items() if name not in self._values})

    def fit_to_show(self, *, without: Iterable[str] = ()) -> "Typed":
        """The same without fields that no page shows again, and without characters that no page can show."""
        left_out = {*_NEVER_SHOWN, *without}
        return Typed(
            {
                name: [without_unreadable(text) for text in texts]
                for name, texts in self._values.items()
                if name not in left_out
            }
        )
