"""What a JSON value is, said so that a type checker knows what it holds."""

from typing import TypeGuard


def is_list(value: object) -> TypeGuard[list[object]]:
    """Whether `value` is a JSON array."""
    return isinstance(value, list)


def is_object(value: object) -> TypeGuard[dict[str, object]]:
    """Whether `value` is a JSON object; its keys are strings."""
    return isinstance(value, dict)
