"""Make .venv with exactly what requirements.lock names; at once when it is there.

Runs on a bare Python: standard library only. Every package is checked against its hash, the installer
and the build backend among them.
"""

import hashlib
import os
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
LOCK = ROOT / "requirements.lock"
STAMP = VENV / "made-from"


def main() -> int:
    """Set up; with ``--check`` only tell (0 or 1) whether there is nothing to do."""
    base, content = hashed(str(ROOT), sys.version), content_hash()
    made = STAMP.read_text().split() if STAMP.is_file() else []
    ready = made == [base, content]
    if ready or "--check" in sys.argv:
        return 0 if ready else 1
    print("Setting up .venv (a minute or two the first time) …", file=sys.stderr, flush=True)
    if made[:1] != [base] or not PYTHON.is_file():  # new, moved, or of another Python
        venv.create(VENV, clear=True, symlinks=True, with_pip=True)
    STAMP.write_text(f"{base} unfinished\n")
    for step in steps():
        if subprocess.run(
            step, cwd=ROOT, env={**os.environ, "VIRTUAL_ENV": str(VENV)}, check=False
        ).returncode:
            print("Setting up .venv failed; what went wrong is said above.", file=sys.stderr)
            return 1
    STAMP.write_text(f"{base} {content}\n")
    return 0


def steps() -> list[list[str]]:
    """The installer by pip, the locked packages by the installer, then this project in place."""
    own = VENV / "uv.txt"
    own.write_text(entry("uv"))
    pip = [str(PYTHON), "-m", "pip", "--quiet", "--disable-pip-version-check", "install"]
    uv = [str(PYTHON), "-m", "uv", "pip"]
    return [
        [*pip, "--no-deps", "--require-hashes", "--requirement", str(own)],
        [*uv, "sync", "--quiet", "--compile-bytecode", "--require-hashes", str(LOCK)],
        [*uv, "install", "--quiet", "--no-deps", "--no-build-isolation", "--editable", str(ROOT)],
    ]


def content_hash() -> str:
    """Over the files that decide what is installed."""
    return hashed(*(path.read_text() for path in (LOCK, ROOT / "pyproject.toml", Path(__file__))))


def hashed(*parts: str) -> str:
    """One name for `parts` in this order."""
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def entry(name: str) -> str:
    """The lines of requirements.lock about one package."""
    _, found, rest = LOCK.read_text().partition(f"\n{name}==")
    version, _, after = rest.partition("\n")
    lines = [f"{name}=={version}"]
    for line in after.splitlines():
        if not line.lstrip().startswith("--hash"):
            break
        lines.append(line)
    if not found:
        raise LookupError(f"{name} is not in {LOCK}")
    return "\n".join(lines).rstrip(" \\") + "\n"


if __name__ == "__main__":
    sys.exit(main())
