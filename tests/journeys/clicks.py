"""Counts what a person has to press to get something done, and asserts a bound.

    async with at_most(page, 2) as person:
        await person.press(page.get_by_role("link", name="Tìm"))
        await page.keyboard.type("hoa")  # typing is not counted
        await person.key("Enter")

Works with mouse and keyboard, and without scripts. Use `person` for every press between the two ends: what is
pressed on the page directly is not counted.
"""

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from playwright.async_api import Locator, Page

ACTIVATING = frozenset({"Enter", "Space", " "})


@dataclass
class Clicks:
    """Presses so far: clicks, taps, and keys that activate something (Enter, Space).

    Other keys (Tab, arrows, letters) move or type and are not counted. A drop-down costs two presses:
    open it, choose.
    """

    page: Page
    done: list[str] = field(default_factory=list[str])

    @property
    def number(self) -> int:
        """How many there were."""
        return len(self.done)

    async def press(self, target: Locator) -> None:
        """Click a link, a button, a field."""
        self.done.append(f"press {await _name(target)}")
        await target.click()

    async def tick(self, box: Locator) -> None:
        """Tick a box or choose a radio button; one that is ticked already costs nothing."""
        if not await box.is_checked():
            self.done.append(f"tick {await _name(box)}")
            await box.check()

    async def choose(self, drop_down: Locator, option: str | Sequence[str]) -> None:
        """Choose from a drop-down, by its words or its value: two presses."""
        self.done += [f"open {await _name(drop_down)}", f"choose {option}"]
        await drop_down.select_option(option)

    async def key(self, key: str) -> None:
        """A key as Playwright names it, where the focus is."""
        if key in ACTIVATING:
            self.done.append(f"key {key}")
        await self.page.keyboard.press(key)


@asynccontextmanager
async def at_most(page: Page, number: int) -> AsyncGenerator[Clicks]:
    """Fail when more than `number` presses were needed; the message lists them."""
    person = Clicks(page)
    yield person
    assert person.number <= number, f"{person.number} presses instead of {number}: {person.done}"


async def _name(target: Locator) -> str:
    """Something to recognise the target by in a failure."""
    words = (
        await target.get_attribute("aria-label")
        or await target.text_content()
        or await target.get_attribute("name")
    )
    return " ".join((words or "?").split())[:40]
