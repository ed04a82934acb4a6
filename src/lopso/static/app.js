// Small conveniences on top of pages that work without them. Whatever fails here, links and forms still do.
import htmx from "htmx.org";

const root = document.documentElement;
root.classList.add("js");

const closest = (event, selector) => event.target instanceof Element && event.target.closest(selector);

// --- Menus: <details data-menu> closes on Escape, on a tap elsewhere, and when another opens. ---
const openMenus = () => document.querySelectorAll("details[data-menu][open]");

document.addEventListener("click", (event) => {
  for (const menu of openMenus()) if (!menu.contains(event.target)) menu.open = false;
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of openMenus()) {
    const inside = menu.contains(document.activeElement);
    menu.open = false;
    if (inside) menu.querySelector("summary").focus();
  }
});

// --- A form goes once. The button is freed again when the answer was a download or the page comes back. ---
const release = (form) => {
  form.removeAttribute("aria-busy");
  delete form.dataset.sent;
};
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.method === "get") return;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "1";
  form.setAttribute("aria-busy", "true");
  setTimeout(release, 10_000, form);
});
window.addEventListener("pageshow", () => document.querySelectorAll("form[data-sent]").forEach(release));

// --- [data-print], [data-copy="text"], [data-autosubmit] ---
document.addEventListener("click", async (event) => {
  if (closest(event, "[data-print]")) window.print();
  const copy = closest(event, "[data-copy]");
  if (copy) {
    await navigator.clipboard.writeText(copy.dataset.copy);
    if (copy.dataset.copied) {
      const label = copy.querySelector("span") ?? copy;
      label.textContent = copy.dataset.copied;
    }
  }
});
document.addEventListener("change", (event) => {
  if (closest(event, "[data-autosubmit]")) event.target.form?.requestSubmit();
  const list = closest(event, "[data-bulk]");
  if (list) countPicked(list, event.target);
});

// --- [data-bulk]: rows with a tick; [data-bulk-all] ticks all, [data-bulk-bar] shows when something is picked,
//     [data-bulk-count] says how many. Without a script the bar simply always shows. ---
function countPicked(list, changed) {
  const all = list.querySelector("[data-bulk-all]");
  const rows = [...list.querySelectorAll("input[type=checkbox]:not([data-bulk-all]):not(:disabled)")];
  if (changed && changed === all) for (const row of rows) row.checked = all.checked;
  const picked = rows.filter((row) => row.checked).length;
  if (all) {
    all.checked = picked > 0 && picked === rows.length;
    all.indeterminate = picked > 0 && picked < rows.length;
  }
  const bar = list.querySelector("[data-bulk-bar]");
  if (bar) bar.hidden = picked === 0;
  for (const count of list.querySelectorAll("[data-bulk-count]")) count.textContent = String(picked);
}
const prepare = (part) => part.querySelectorAll("[data-bulk]").forEach((list) => countPicked(list));

// --- Swaps keep the place one was at. ---
let held = null;

function markOf(element) {
  if (!element || element === document.body) return null;
  if (element.id) return `#${CSS.escape(element.id)}`;
  const name = element.getAttribute("name");
  if (!name) return null;
  const value = element.matches("button, input[type=radio], input[type=checkbox]") ? element.value : null;
  return `[name="${CSS.escape(name)}"]` + (value === null ? "" : `[value="${CSS.escape(value)}"]`);
}

document.body.addEventListener("htmx:beforeSwap", (event) => {
  const { xhr, target } = event.detail;
  // Our own refusals say where they belong; the page of a proxy that failed is not put into ours.
  if (xhr.status >= 400 && xhr.getResponseHeader("HX-Retarget")) event.detail.shouldSwap = true;
  const active = document.activeElement;
  const form = active?.closest?.("form[action]");
  held = target?.contains?.(active)
    ? { mark: markOf(active), form: form ? `form[action="${CSS.escape(form.getAttribute("action"))}"] ` : "" }
    : null;
});
document.body.addEventListener("htmx:afterSettle", (event) => {
  prepare(document);
  const summary = event.detail.elt.querySelector?.("[data-focus]");
  if (summary) summary.focus();
  else if (held?.mark && document.activeElement === document.body) {
    const again = document.querySelector(held.form + held.mark) ?? document.querySelector(held.mark);
    again?.focus({ preventScroll: true });
  }
  held = null;
});

// --- No answer at all, or one that is not ours: say so, in words that came with the page. ---
function say(templateId) {
  const words = document.getElementById(templateId);
  const place = document.getElementById("flash");
  if (!words || !place) return;
  place.replaceChildren(words.content.cloneNode(true));
  place.scrollIntoView({ block: "nearest" });
}
document.body.addEventListener("htmx:sendError", () => say("words-offline"));
document.body.addEventListener("htmx:timeout", () => say("words-offline"));
document.body.addEventListener("htmx:responseError", (event) => {
  if (!event.detail.xhr.getResponseHeader("HX-Retarget")) say("words-failed");
});

prepare(document);
document.querySelector("[data-focus]")?.focus();
// Tabs that slide begin at the current one; the page itself stays at its top.
const tab = document.querySelector(".tabs [aria-current]");
const strip = tab?.closest("ul");
if (strip && strip.scrollWidth > strip.clientWidth) {
  const middle = (tab.getBoundingClientRect().left + tab.getBoundingClientRect().right) / 2;
  strip.scrollLeft += middle - strip.getBoundingClientRect().left - strip.clientWidth / 2;
}
htmx.config.refreshOnHistoryMiss = true;
