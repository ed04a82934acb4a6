"""Sets of meetings of which one person can hold at most one."""

from collections.abc import Iterator

import numpy as np

from staffing.rules.week_plan.problem import Flags, Ints


def cliques(in_conflict: Flags, meetings: Ints) -> Iterator[Ints]:
    """Sets that together hold every pair of `meetings` in conflict, each grown as large as it goes.

    Large sets bound the cost more tightly than pairs do.

    Args:
        in_conflict: symmetric, over all meetings, true on the diagonal.
        meetings: distinct.

    Yields:
        Meetings, all in conflict with each other; one that conflicts with none stands alone.
    """
    among = in_conflict[np.ix_(meetings, meetings)]
    open_pairs = np.triu(among)
    for first in range(len(meetings)):
        while open_pairs[first].any():
            members = _grown(among, first, int(open_pairs[first].nonzero()[0][-1]))
            open_pairs[np.ix_(members, members)] = False
            yield meetings[members]


def _grown(among: Flags, first: int, second: int) -> Ints:
    members = {first, second}
    fitting = among[first] & among[second]
    for each in fitting.nonzero()[0]:
        if fitting[each]:
            members.add(int(each))
            fitting &= among[each]
    return np.array(sorted(members), np.int64)
