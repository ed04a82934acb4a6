"""Print the path of a Chromium for the browser tests; get one where there is none.

In this order: LOPSO_CHROMIUM; the one found the last time (named in ``.make/browser``); Chromium's headless
shell, which draws the same pages for half the CPU time (on PATH, in Playwright's folder, for root from the
package of Debian); a whole browser; Playwright's download; Debian's package of the whole browser. Where all
that fails it stops with a sentence: browser tests are never skipped.
"""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

SHELLS = ("chromium-headless-shell", "chrome-headless-shell")
BROWSERS = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome", "microsoft-edge-stable")
FOUND = Path(__file__).resolve().parents[1] / ".make" / "browser"
ON_A_MAC = Path("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome")

DOWNLOAD_LIMIT = 900  # seconds in all, where there is no browser yet
SHELL_DOWNLOAD_LIMIT = 60  # seconds in all, where there is a slower one
UNPACK_LIMIT = 300  # seconds; unpacking needs no network, and had better not be interrupted
CONNECT_LIMIT = 10  # seconds; a closed network should not hold us up


def main() -> int:
    """Print the path; 1 after a sentence when there is none to be had."""
    named = os.environ.get("LOPSO_CHROMIUM")
    if named and not runs(Path(named)):
        print(f"LOPSO_CHROMIUM={named} is not a browser that runs.", file=sys.stderr)
        return 1
    found = Path(named) if named else found_before() or next(filter(runs, candidates()), None)
    if found is None:
        print(
            "No Chromium: LOPSO_CHROMIUM, PATH and Playwright's folder have none, and none could be "
            "downloaded. Install one (on Debian: apt install chromium-headless-shell) or name one in "
            "LOPSO_CHROMIUM.",
            file=sys.stderr,
        )
        return 1
    if not named:
        FOUND.parent.mkdir(exist_ok=True)
        FOUND.write_text(_signature(found))
    print(found)
    return 0


def found_before() -> Path | None:
    """The browser of the last time, unless its file has changed. It ran then; trying again takes a second.

    A headless shell that could not be installed then is not tried again; one that came onto PATH is taken.
    """
    noted = FOUND.read_text() if FOUND.is_file() else ""
    path = Path(noted.partition("\n")[0])
    if not path.is_file() or _signature(path) != noted:
        return None
    return None if path.name in BROWSERS and on_path(SHELLS) else path


def _signature(browser: Path) -> str:
    return f"{browser}\n{browser.stat().st_mtime_ns}"


def candidates() -> Iterator[Path]:
    """Where browsers may be, cheapest first; the later ones are fetched only when asked for."""
    yield from on_path(SHELLS)
    playwrights = playwrights_browser()
    yield from shells_beside(playwrights)
    browsers = [path for path in (*on_path(BROWSERS), ON_A_MAC, playwrights) if runs(path)]
    if install_shell(SHELL_DOWNLOAD_LIMIT if browsers else DOWNLOAD_LIMIT):
        yield from on_path(SHELLS)
    if browsers:
        print("No headless shell; the tests take longer with", browsers[0], file=sys.stderr)
    yield from browsers
    if download():
        yield from shells_beside(playwrights)
    if install_packages(["chromium", "fonts-liberation"], DOWNLOAD_LIMIT):
        yield from on_path(BROWSERS)


def on_path(names: Iterable[str]) -> list[Path]:
    """Those programs of these names that are there."""
    return [Path(path) for name in names if (path := shutil.which(name))]


def playwrights_browser() -> Path:
    """Where Playwright keeps, or would keep, the whole browser it was made for."""
    from playwright.sync_api import sync_playwright  # only here: loading it takes a second

    with sync_playwright() as playwright:
        return Path(playwright.chromium.executable_path)


def shells_beside(browser: Path) -> list[Path]:
    """Playwright's headless shell of the same version, where it is there."""
    folder = next(each for each in browser.parents if each.name.startswith("chromium-"))
    shells = folder.with_name(folder.name.replace("chromium-", "chromium_headless_shell-"))
    return [path for path in shells.glob("*/*headless*shell*") if os.access(path, os.X_OK)]


def runs(browser: Path) -> bool:
    """Whether it starts at all: some systems put a note in a browser's place, some lack its libraries."""
    try:
        answer = subprocess.run([browser, "--version"], capture_output=True, check=False, timeout=60)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return answer.returncode == 0


def download() -> bool:
    """Let Playwright fetch the headless shell it was made for, into its own folder."""
    print("No Chromium found; asking Playwright to download one …", file=sys.stderr, flush=True)
    limit = {"PLAYWRIGHT_DOWNLOAD_CONNECTION_TIMEOUT": str(CONNECT_LIMIT * 1000)}
    command = [sys.executable, "-m", "playwright", "install", "--only-shell", "chromium"]
    return _quietly(command, limit, DOWNLOAD_LIMIT)


def install_shell(limit: float) -> bool:
    """As root on Debian: the package of the headless shell, beside a Chromium that stays as it is."""
    # Both need `chromium-common` in their own version: another would replace the browser, too.
    version = _installed_version("chromium-common")
    shell = f"chromium-headless-shell={version}" if version else "chromium-headless-shell"
    return install_packages([shell, "fonts-liberation"], limit)


def install_packages(packages: list[str], limit: float) -> bool:
    """As root on Debian: these packages, downloaded within `limit` seconds.

    `fonts-liberation` is a font that has every Vietnamese letter.
    """
    apt = shutil.which("apt-get")
    if apt is None or os.geteuid() != 0:
        return False
    print(f"Installing {packages[0]} …", file=sys.stderr, flush=True)
    quiet = {"DEBIAN_FRONTEND": "noninteractive"}
    options = ["-oAcquire::Retries=0", f"-oAcquire::http::Timeout={CONNECT_LIMIT}"]
    install = [apt, "install", "--yes", "--no-install-recommends", "--no-remove", *options, *packages]
    end = time.monotonic() + limit
    return (
        _quietly([apt, "update", *options], quiet, limit)
        and _quietly([*install, "--download-only"], quiet, end - time.monotonic())
        and _quietly([*install, "--no-download"], quiet, UNPACK_LIMIT)
    )


def _installed_version(package: str) -> str | None:
    query = ["dpkg-query", "--show", "--showformat", "${db:Status-Status} ${Version}", package]
    try:
        answer = subprocess.run(query, capture_output=True, text=True, check=False)
    except OSError:
        return None
    status, _, version = answer.stdout.partition(" ")
    return version if status == "installed" else None


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
