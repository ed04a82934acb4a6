"""Large blocks go back to the system as soon as they are free."""

import subprocess
import sys

import pytest

# Freeing a large block raises the threshold of glibc; later ones of that size then come from the heap.
PROGRAM = """
import sys
from pathlib import Path
from lopso.application.allocator import bound_heap

def resident():
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096

print(bound_heap())
first = b"x" * 20_000_000
del first
before = resident()
large = [b"x" * 1_000_000 for _n in range(50)]
kept = b"x" * 100_000
del large
print(resident() - before)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="/proc tells the memory, glibc takes the options")
def test_large_blocks_are_given_back_though_a_small_one_stays_behind_them() -> None:
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True)

    bound, grown = done.stdout.split()
    assert bound == "True"
    assert int(grown) < 5_000_000
