"""The type of the statements of this package: their columns are told by name."""

from typing import Any

from sqlalchemy import Select

AnySelect = Select[*tuple[Any, ...]]
