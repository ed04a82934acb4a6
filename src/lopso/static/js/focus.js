// Where the focus is when a page or a part of it arrives: at [data-focus] (an error summary) if there is one; after a
// swap, at the control that had it before.

let focused = null; // { control, form }: selectors of what had the focus inside the part that is being replaced

/** A selector that finds the same control in the new part, or null. */
function selectorOf(element) {
  if (!element || element === document.body) return null;
  if (element.id) return `#${CSS.escape(element.id)}`;
  const name = element.getAttribute("name");
  if (!name) return null;
  const value = element.matches("button, input[type=radio], input[type=checkbox]") ? element.value : null;
  return `[name="${CSS.escape(name)}"]` + (value === null ? "" : `[value="${CSS.escape(value)}"]`);
}

document.body.addEventListener("htmx:beforeSwap", (event) => {
  const active = document.activeElement;
  if (!event.detail.target?.contains?.(active)) {
    focused = null;
    return;
  }
  const form = active.closest?.("form[action]");
  focused = {
    control: selectorOf(active),
    form: form ? `form[action="${CSS.escape(form.getAttribute("action"))}"] ` : "",
  };
});

document.body.addEventListener("htmx:afterSettle", (event) => {
  const summary = event.detail.elt.querySelector?.("[data-focus]");
  if (summary) summary.focus();
  else if (focused?.control && document.activeElement === document.body) {
    const again = document.querySelector(focused.form + focused.control) ?? document.querySelector(focused.control);
    again?.focus({ preventScroll: true });
  }
  focused = null;
});

document.querySelector("[data-focus]")?.focus();
