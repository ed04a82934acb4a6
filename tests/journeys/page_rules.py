"""Rules that every page keeps: targets, large letters, a skip link, where lines break, tabs, placeholders."""

from typing import Any, cast

from playwright.async_api import Page

SMALLEST = 24
"""Least width and height of a target in px: WCAG 2.2, success criterion 2.5.8."""

FRAME = 44
"""Least width and height of a target in header, navigation and footer on a phone, in px."""

STANDARD = 16
"""Size of letters in a browser that nobody has changed, in px."""

# The exceptions of 2.5.8: a target with enough room around it, and one inside a sentence.
_SMALL_TARGETS = """
([smallest, scope]) => {
  const seen = element => element.checkVisibility({visibilityProperty: true, opacityProperty: true});
  const box = element => {
    const own = element.getBoundingClientRect();
    const label = element.matches("input") ? element.closest("label") ?? element.labels?.[0] : null;
    const outer = label?.getBoundingClientRect();
    return outer && outer.width >= own.width && outer.height >= own.height ? outer : own;
  };
  const hidden = element => {
    const {width, height} = element.getBoundingClientRect();
    return width <= 1 || height <= 1 || element.closest(".skip-link, .skip, .visually-hidden");
  };
  const inSentence = element => {
    if (getComputedStyle(element).display !== "inline") return false;
    const block = element.parentElement;
    return block.textContent.trim().length > element.textContent.trim().length;
  };
  const selector = "a[href], button, select, textarea, summary, input:not([type=hidden])";
  const all = [...document.querySelectorAll(selector)].filter(one => seen(one) && !hidden(one));
  const targets = all.map(element => ({element, box: box(element)}));
  const small = ({box}) => box.width < smallest - 0.5 || box.height < smallest - 0.5;
  const centre = ({box}) => [box.x + box.width / 2, box.y + box.height / 2];
  const near = (one, other) => {
    const [x, y] = centre(one);
    if (small(other)) {
      const [otherX, otherY] = centre(other);
      return Math.hypot(x - otherX, y - otherY) < smallest;
    }
    const across = Math.max(other.box.left - x, 0, x - other.box.right);
    const down = Math.max(other.box.top - y, 0, y - other.box.bottom);
    return Math.hypot(across, down) < smallest / 2;
  };
  const faulty = one => {
    if (!small(one)) return false;
    if (scope) return one.element.closest(scope);
    if (inSentence(one.element)) return false;
    return targets.some(other => other.element !== one.element && near(one, other));
  };
  return targets.filter(faulty).map(({element, box}) =>
    `${element.tagName.toLowerCase()}.${element.className} “${element.textContent.trim().slice(0, 40)}” ` +
    `${Math.round(box.width)} × ${Math.round(box.height)}`);
}
"""

_FRAME = "body > header, nav.side-nav, nav.bottom-nav, nav.breadcrumb, footer.page-footer, body > footer"

_SKIP_LINK = """
() => {
  const first = document.querySelector("a[href], button, input:not([type=hidden]), select, textarea");
  const target = first?.getAttribute("href")?.startsWith("#") && document.querySelector(first.hash);
  return Boolean(target && target.matches("main[tabindex='-1']"));
}
"""

_WIDER = """
() => {
  const root = document.documentElement;
  if (root.scrollWidth <= root.clientWidth) return [];
  const right = one => {
    const words = document.createRange();
    words.selectNodeContents(one);
    return Math.max(one.getBoundingClientRect().right, words.getBoundingClientRect().right);
  };
  const beyond = one => right(one) > root.clientWidth + 0.5;
  const wide = [...document.querySelectorAll("body *")].filter(
    one => beyond(one) && one.checkVisibility() && ![...one.children].some(beyond));
  return [`${root.scrollWidth} px`, ...wide.slice(0, 4).map(
    one => `${one.tagName.toLowerCase()}.${one.className} “${one.textContent.trim().slice(0, 40)}”`)];
}
"""

# Words are read as they stand in the page; what is typed into a field stays as it was typed.
_LINE_ENDS = r"""
() => {
  const words = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const faults = [];
  while (words.nextNode()) {
    const element = words.currentNode.parentElement;
    if (element.closest("script, style, template, textarea, option") || !element.checkVisibility()) continue;
    if (getComputedStyle(element).textWrapMode === "nowrap") continue;
    const said = words.currentNode.textContent;
    const alone = /^\s*\d+h\d* – \d+h\d*\s*$/.test(said);  // hours on a line of their own
    const hours = !alone && /\dh\d* [–-] \d/.test(said);
    if (hours || said.includes("Hue-S")) faults.push(said.trim().slice(0, 60));
  }
  for (const list of document.querySelectorAll(".tabs > ul")) {
    const rows = new Set([...list.children].filter(one => one.checkVisibility()).map(one => one.offsetTop));
    if (rows.size > 1) faults.push(`${rows.size} rows of tabs: ${list.textContent.trim().slice(0, 60)}`);
  }
  const pen = document.createElement("canvas").getContext("2d");
  for (const field of document.querySelectorAll("input[placeholder]")) {
    const style = getComputedStyle(field);
    pen.font = style.font;
    const room = field.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight);
    if (field.checkVisibility() && pen.measureText(field.placeholder).width > room)
      faults.push(`placeholder cut off: ${field.placeholder}`);
  }
  return faults;
}
"""


async def rule_faults(page: Page) -> list[str]:
    """What breaks a rule on the page as it stands, which is as wide as a phone's."""
    faults = [f"small target: {each}" for each in await page.evaluate(_SMALL_TARGETS, [SMALLEST, ""])]
    faults += [f"in the frame: {each}" for each in await page.evaluate(_SMALL_TARGETS, [FRAME, _FRAME])]
    if not await page.evaluate(_SKIP_LINK):
        faults.append("no skip link to the main part")
    faults += [f"breaks at a line's end: {each}" for each in await page.evaluate(_LINE_ENDS)]
    return faults + [f"wider with large letters: {each}" for each in await _too_wide(page)]


async def _too_wide(page: Page) -> list[str]:
    """What does not fit into 360 px for somebody whose browser has letters twice as large."""
    wire = await page.context.new_cdp_session(page)
    send = cast("Any", wire).send  # partially typed in Playwright
    await send("Page.setFontSizes", {"fontSizes": {"standard": 2 * STANDARD}})
    wide: list[str] = await page.evaluate(_WIDER)
    await send("Page.setFontSizes", {"fontSizes": {"standard": STANDARD}})
    await wire.detach()
    return wide
