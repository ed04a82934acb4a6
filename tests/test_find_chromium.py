"""Which browser `make test` takes, among programs of the known names that do next to nothing."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tools import find_chromium

AddProgram = Callable[..., Path]


@pytest.fixture
def add_program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AddProgram:
    """Root on a machine without a browser; a program that is added may do something and notes its calls."""
    programs = tmp_path / "bin"
    programs.mkdir()
    monkeypatch.setenv("PATH", str(programs))
    monkeypatch.delenv("LOPSO_CHROMIUM", raising=False)
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(find_chromium, "FOUND", tmp_path / "made" / "browser")
    monkeypatch.setattr(find_chromium, "ON_A_MAC", tmp_path / "none")
    browser = tmp_path / "chromium-1" / "chrome-linux64" / "chrome"
    monkeypatch.setattr(find_chromium, "playwrights_browser", lambda: browser)
    monkeypatch.setattr(find_chromium, "download", lambda: False)

    def add(name: str, does: str = "") -> Path:
        program = programs / name
        program.write_text(f'#!/bin/sh\necho "$@" >> "{program}.calls"\n{does}\n')
        program.chmod(0o755)
        return program

    return add


@pytest.fixture
def find(capsys: pytest.CaptureFixture[str]) -> Callable[[], str]:
    """Run the tool; what it prints."""

    def find() -> str:
        assert find_chromium.main() == 0
        return capsys.readouterr().out.strip()

    return find


def calls(program: Path) -> list[str]:
    file = Path(f"{program}.calls")
    return file.read_text().splitlines() if file.is_file() else []


def test_headless_shell_comes_before_a_whole_browser(
    add_program: AddProgram, find: Callable[[], str]
) -> None:
    whole, shell = add_program("chromium"), add_program("chromium-headless-shell")
    assert find() == str(shell)
    assert calls(whole) == []


def test_shell_that_does_not_start_is_passed_over(add_program: AddProgram, find: Callable[[], str]) -> None:
    add_program("chromium-headless-shell", "exit 1")
    whole = add_program("chromium")
    assert find() == str(whole)


def test_shell_of_playwright_is_found(
    add_program: AddProgram, find: Callable[[], str], tmp_path: Path
) -> None:
    add_program("chromium")
    folder = tmp_path / "chromium_headless_shell-1" / "chrome-headless-shell-linux64"
    folder.mkdir(parents=True)
    add_program("shell").rename(folder / "chrome-headless-shell")
    assert find() == str(folder / "chrome-headless-shell")


def test_root_on_debian_gets_the_package_of_the_shell(
    add_program: AddProgram, find: Callable[[], str]
) -> None:
    shell = add_program("chromium-headless-shell")
    away = shell.rename(shell.with_name("away"))
    apt = add_program("apt-get", f'case "$*" in *--no-download*) /bin/mv {away} {shell};; esac')
    assert find() == str(shell)
    assert [call.split()[0] for call in calls(apt)] == ["update", "install", "install"]


def test_package_of_the_shell_has_the_version_of_the_browser(
    add_program: AddProgram, find: Callable[[], str]
) -> None:
    add_program("chromium")
    add_program("dpkg-query", "printf 'installed 156.0-1'")
    apt = add_program("apt-get", "exit 0")
    find()
    assert "chromium-headless-shell=156.0-1" in calls(apt)[1].split()


def test_failed_installation_of_the_shell_is_not_repeated(
    add_program: AddProgram, find: Callable[[], str]
) -> None:
    whole, apt = add_program("chromium"), add_program("apt-get", "exit 100")
    assert [find(), find()] == [str(whole)] * 2
    assert len(calls(apt)) == 1


def test_shell_that_came_onto_path_replaces_the_noted_browser(
    add_program: AddProgram, find: Callable[[], str]
) -> None:
    add_program("chromium")
    find()
    shell = add_program("chromium-headless-shell")
    assert find() == str(shell)


def test_no_browser_at_all_ends_with_a_sentence(
    add_program: AddProgram, capsys: pytest.CaptureFixture[str]
) -> None:
    add_program("apt-get", "exit 100")
    assert find_chromium.main() == 1
    assert "No Chromium" in capsys.readouterr().err
