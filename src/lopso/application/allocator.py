"""How the C library hands out memory in a process that serves for weeks.

After the first large block is freed, glibc raises by itself the size from which a block is mapped on its own,
up to 32 MiB. From then on what a request takes for a body or a page lies in one heap with what stays; a heap
shrinks only from its end (`benchmarks/measure_memory.py`). Fixed sizes give such blocks back at once.
"""

import ctypes

# Names and numbers of malloc.h.
M_TRIM_THRESHOLD = -1
M_MMAP_THRESHOLD = -3
M_ARENA_MAX = -8

MAPPED_FROM = 128 * 1024  # bytes; glibc's first value, kept
TRIMMED_FROM = 128 * 1024
ARENAS = 2  # one for the event loop, one for all other threads


def bound_heap() -> bool:
    """Fix the allocator's sizes for this process.

    Returns:
        False where the C library has no `mallopt` (musl, macOS).
    """
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (AttributeError, OSError):
        return False
    done = True
    sizes = {M_MMAP_THRESHOLD: MAPPED_FROM, M_TRIM_THRESHOLD: TRIMMED_FROM, M_ARENA_MAX: ARENAS}
    for name, value in sizes.items():
        done = mallopt(name, value) == 1 and done
    return done
