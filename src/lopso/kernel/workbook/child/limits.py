"""What a file may hold at most, and what the process may use."""

MAX_FILE = 10 * 2**20  # bytes
MAX_UNPACKED = 100 * 2**20  # bytes
MAX_ENTRIES = 2_000  # of a zip
MAX_ROWS = 20_000
MAX_AREA = 2_000_000  # cells between the first and the last used corner of one sheet
MAX_SHEETS = 50
MAX_COLUMNS = 200  # of a sheet; those to the right are not read, and counted
MAX_CELL_TEXT = 2_000  # characters
MAX_HIDDEN_RANGES = MAX_ROWS
MEMORY = 512 * 2**20  # bytes
PROCESSOR_SECONDS = 20


class FileRefused(Exception):
    """The file is not read; the argument is one of the reasons `reading` has a sentence for."""


def limit_process() -> None:
    """Limit memory, processor time and files of this process."""
    try:
        import resource  # not on Windows: there the time limit of the parent remains
    except ImportError:
        return
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CPU, (PROCESSOR_SECONDS, PROCESSOR_SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
