"""Who takes which open place of a week: the best plan, with a proof of how near it is.

No database, no clock: `problem` states what is asked, `solver` answers, `checking` judges any plan again by
the rules alone. Needs the extra `plan` (highspy, numpy).
"""

from importlib.util import find_spec


def is_available() -> bool:
    """Whether the libraries that solve the problem are installed."""
    return find_spec("highspy") is not None and find_spec("numpy") is not None
