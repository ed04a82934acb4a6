// form[data-keeps="name"]: a list with ticks that are sent with whatever is pressed in it. They survive going back,
// reloading, and returning from a page below this one, too: the browser alone forgets those of people who are not on the
// page as it first came. Names and values of boxes are stored, in this tab, until they are sent. [data-again], a button
// inside, asks for the page as it is with what is ticked.

const keeping = () => document.querySelector("form[data-keeps]");
const key = (form) => `ticks ${form.dataset.keeps}`;
const TICKS = "input[type=checkbox]:not([data-uncounted]):checked:not(:disabled), input[data-kept]";
let sent = false;

function store() {
  const form = keeping();
  if (!form) return;
  const ticks = [...form.querySelectorAll(TICKS)].map((box) => [box.name, box.value]);
  if (sent || !ticks.length) sessionStorage.removeItem(key(form));
  else sessionStorage.setItem(key(form), JSON.stringify(ticks));
}

function isReturn() {
  if (performance.getEntriesByType("navigation")[0]?.type !== "navigate") return true;
  return document.referrer.startsWith(`${location.origin}${location.pathname}`);
}

function missing(form) {
  const stored = JSON.parse(sessionStorage.getItem(key(form)) ?? "[]");
  return stored.filter(([name, value]) => {
    const box = form.querySelector(`[name="${CSS.escape(name)}"][value="${CSS.escape(value)}"]`);
    return !box?.checked && !box?.disabled && !box?.matches("[data-kept]");
  });
}

function restore() {
  sent = false;
  const form = keeping();
  if (!form || !isReturn()) return;
  const lost = missing(form);
  for (const [name, value] of lost) {
    const hidden = Object.assign(document.createElement("input"), { type: "hidden", name, value });
    hidden.dataset.kept = "";
    form.append(hidden);
  }
  if (lost.length) form.querySelector("[data-again]")?.click();
}

document.addEventListener("submit", (event) => {
  if (event.target.matches("form[data-keeps]") && !event.submitter?.hasAttribute("formaction")) sent = true;
});
window.addEventListener("pagehide", store);
window.addEventListener("pageshow", restore);
