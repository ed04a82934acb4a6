"""What we hand out is whole: built, installed in a venv of its own, run from elsewhere."""

import fcntl
import json
import os
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A venv with the wheel; one for all processes of this run."""
    base = tmp_path_factory.getbasetemp()
    of_run = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    folder = of_run / "wheel"
    folder.mkdir(exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        home = folder / "venv"
        if not (folder / "whole").exists():
            install(folder, home)
            (folder / "whole").touch()
    return home


def install(folder: Path, home: Path) -> None:
    """The wheel (made from the source archive) and, of everything else, our dependencies."""
    uv = [sys.executable, "-m", "uv"]
    run(*uv, "build", "--quiet", "--offline", "--no-build-isolation", "--out-dir", folder, folder=ROOT)
    (wheel,) = folder.glob("*.whl")
    venv.create(home, symlinks=True)
    run(*uv, "pip", "install", "--quiet", "--offline", "--no-deps", "--python", home, wheel, folder=folder)
    # A path file is not followed to the path files it leads to: the checkout stays out of sight.
    (packages,) = home.glob("lib/python*/site-packages")
    (packages / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n")


def run(*command: str | Path, folder: Path, **variables: str) -> str:
    """What `command` prints; the test fails with what it says when it fails."""
    env = {name: value for name, value in os.environ.items() if not name.startswith(("LOPSO_", "PYTHON"))}
    done = subprocess.run(
        command, cwd=folder, env=env | variables, capture_output=True, text=True, check=False, timeout=300
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_every_file_a_page_or_a_document_needs_is_there(installed: Path, tmp_path: Path) -> None:
    code = """
import json, pathlib
from lopso.kernel.paths import shipped
names = ("templates", "migrations", "static/built", "locale", "data")
print(json.dumps({name: [str(path) for path in sorted(shipped(name).rglob("*.*"))] for name in names}))
"""
    found: dict[str, list[str]] = json.loads(run(installed / "bin" / "python", "-c", code, folder=tmp_path))
    for name, files in found.items():
        source = ROOT / name if name in ("templates", "migrations") else ROOT / "src" / "lopso" / name
        wanted = [path for path in source.rglob("*.*") if path.suffix != ".pyc" and path.name != ".gitkeep"]
        assert {Path(file).name for file in files if not file.endswith((".pyc", ".gitkeep"))} == {
            path.name for path in wanted
        }, name
        assert all(Path(file).is_relative_to(installed) for file in files), name
    assert {"calendar.css", "roll.css", "other.css", "app.js", "other.js"} <= json.loads(
        next(Path(file) for file in found["static/built"] if file.endswith("manifest.json")).read_text()
    ).keys()


def test_the_command_runs(installed: Path, tmp_path: Path, database_url: str) -> None:
    lopso = installed / "bin" / "lopso"
    assert "serve" in run(lopso, "--help", folder=tmp_path)
    place = {"LOPSO_DATABASE_URL": database_url, "LOPSO_HOME": str(tmp_path)}
    assert run(lopso, "db", "check", folder=tmp_path, **place) == "The database is up to date.\n"


def test_a_page_comes_with_its_style(installed: Path, tmp_path: Path, database_url: str) -> None:
    code = """
import asyncio, os, pathlib, re, sys
import httpx
import lopso
from lopso.application.app import create_app
from lopso.kernel.db import create_engine
from lopso.kernel.settings import from_env

async def main():
    assert pathlib.Path(lopso.__file__).is_relative_to(sys.prefix), lopso.__file__
    settings = from_env(os.environ, home=pathlib.Path.cwd())
    engine = create_engine(settings.database_url)
    app = create_app(settings, engine)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://127.0.0.1") as client:
        page = await client.get("/dang-nhap")
        style = await client.get(re.search(r'href="(/static/[^"]+[.]css)"', page.text)[1])
        print(page.status_code, style.status_code, style.headers["content-type"], "Đăng nhập" in page.text)
    await engine.dispose()

asyncio.run(main())
"""
    python = installed / "bin" / "python"
    said = run(python, "-c", code, folder=tmp_path, LOPSO_DATABASE_URL=database_url, PYTHONUTF8="1")
    assert said == "200 200 text/css; charset=utf-8 True\n"
