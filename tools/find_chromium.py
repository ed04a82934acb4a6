"""Print the path of a Chromium for the browser tests; get one where there is none.

In this order: LOPSO_CHROMIUM, the one found the last time (named in ``.make/chromium``), the names on PATH,
Playwright's own, Playwright's download, and for root the package of Debian. Where all that fails it stops
with a sentence: browser tests are never skipped.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome", "microsoft-edge-stable")
FOUND = Path(__file__).resolve().parents[1] / ".make" / "chromium"
ON_A_MAC = Path("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome")

DOWNLOAD_LIMIT = 900  # seconds in all
CONNECT_LIMIT = 10_000  # milliseconds; a closed network should not hold us up


def main() -> int:
    """Print the path; 1 after a sentence when there is none to be had."""
    named = os.environ.get("LOPSO_CHROMIUM")
    if named and not runs(Path(named)):
        print(f"LOPSO_CHROMIUM={named} is not a browser that runs.", file=sys.stderr)
        return 1
    found = Path(named) if named else found_before() or next(candidates(), None)
    if found is None:
        print(
            "No Chromium: LOPSO_CHROMIUM, PATH and Playwright's folder have none, and none could be "
            "downloaded. Install one (on Debian: apt install chromium) or name one in LOPSO_CHROMIUM.",
            file=sys.stderr,
        )
        return 1
    if not named:
        FOUND.parent.mkdir(exist_ok=True)
        FOUND.write_text(_signature(found))
    print(found)
    return 0


def found_before() -> Path | None:
    """The browser of the last time, unless its file has changed. It ran then; trying again takes a second."""
    noted = FOUND.read_text() if FOUND.is_file() else ""
    path = Path(noted.partition("\n")[0])
    return path if path.is_file() and _signature(path) == noted else None


def _signature(browser: Path) -> str:
    return f"{browser}\n{browser.stat().st_mtime_ns}"


def candidates() -> Iterator[Path]:
    """Browsers that run, cheapest first; the later ones are fetched only when asked for."""
    on_path = [Path(path) for name in NAMES if (path := shutil.which(name))]
    yield from filter(runs, [*on_path, ON_A_MAC])
    from playwright.sync_api import sync_playwright  # only here: loading it takes a second

    with sync_playwright() as playwright:
        own = Path(playwright.chromium.executable_path)
    yield from filter(runs, [own])
    if download():
        yield from filter(runs, [own])
    if install_package():
        yield from filter(runs, [Path("/usr/bin/chromium")])


def runs(browser: Path) -> bool:
    """Whether it starts at all: some systems put a note in a browser's place, some lack its libraries."""
    try:
        answer = subprocess.run([browser, "--version"], capture_output=True, check=False, timeout=60)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return answer.returncode == 0


def download() -> bool:
    """Let Playwright fetch the browser it was made for, into its own folder."""
    print("No Chromium found; asking Playwright to download one …", file=sys.stderr, flush=True)
    limit = {"PLAYWRIGHT_DOWNLOAD_CONNECTION_TIMEOUT": str(CONNECT_LIMIT)}
    return _quietly(
        [sys.executable, "-m", "playwright", "install", "--no-shell", "chromium"], limit, DOWNLOAD_LIMIT
    )


def install_package() -> bool:
    """As root on Debian: its package, with a font that has every Vietnamese letter."""
    apt = shutil.which("apt-get")
    if apt is None or os.geteuid() != 0:
        return False
    print("The download failed; installing Debian's chromium …", file=sys.stderr, flush=True)
    quiet = {"DEBIAN_FRONTEND": "noninteractive"}
    packages = ["chromium", "fonts-liberation"]
    return _quietly([apt, "update"], quiet, DOWNLOAD_LIMIT) and _quietly(
        [apt, "install", "--yes", "--no-install-recommends", *packages], quiet, DOWNLOAD_LIMIT
    )


def _quietly(command: list[str], variables: dict[str, str], limit: float) -> bool:
    """Whether `command` did well within `limit` seconds; when not, the end of what it said is shown."""
    try:
        done = subprocess.run(
            command,
            env={**os.environ, **variables},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            timeout=limit,
        )
    except subprocess.TimeoutExpired:
        print(f"No end after {limit:.0f} s.", file=sys.stderr)
        return False
    if done.returncode:
        print(*done.stdout.strip().splitlines()[-4:], sep="\n", file=sys.stderr)
    return done.returncode == 0


if __name__ == "__main__":
    sys.exit(main())
