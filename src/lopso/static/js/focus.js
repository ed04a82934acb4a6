// Where the focus is when a page or a part of it arrives: at [data-focus] (an error summary) if there is one; after a
// swap, at the control that had it before, or else at the first control of the part that was replaced.

let focused = null; // { control, form, part }: selectors of what had the focus inside the part that is being replaced

const CONTROLS = "a[href], button:not(:disabled), select, summary, input:not([type=hidden])";

/** A selector that finds the same control in the new part, or null. */
function selectorOf(element) {
  if (!element || element === document.body) return null;
  if (element.id) return `#${CSS.escape(element.id)}`;
  const name = element.getAttribute("name");
  if (!name) return null;
  const value = element.matches("button, input[type=radio], input[type=checkbox]") ? element.value : null;
  return `[name="${CSS.escape(name)}"]` + (value === null ? "" : `[value="${CSS.escape(value)}"]`);
}

function remember(target) {
  const active = document.activeElement;
  if (!target?.contains?.(active)) return;
  const form = active.closest?.("form[action]");
  focused = {
    control: selectorOf(active),
    form: form ? `form[action="${CSS.escape(form.getAttribute("action"))}"] ` : "",
    part: target.id ? `#${CSS.escape(target.id)}` : null,
  };
}

/** What takes the focus of a control inside a closed <details>: its summary. */
const shown = (control) => (control?.checkVisibility() ? control : control?.closest("details")?.querySelector("summary"));

function again() {
  const { control, form, part } = focused;
  const same = control && (document.querySelector(form + control) ?? document.querySelector(control));
  const replaced = part && document.querySelector(part);
  return shown(same) ?? replaced?.querySelector(CONTROLS) ?? replaced;
}

document.body.addEventListener("htmx:beforeSwap", (event) => {
  focused = null;
  remember(event.detail.target);
});
document.body.addEventListener("htmx:oobBeforeSwap", (event) => remember(event.detail.target));

document.body.addEventListener("htmx:afterSettle", (event) => {
  const summary = event.detail.elt.querySelector?.("[data-focus]");
  if (summary) summary.focus();
  else if (focused && document.activeElement === document.body) again()?.focus({ preventScroll: true });
  focused = null;
});

document.querySelector("[data-focus]")?.focus();
