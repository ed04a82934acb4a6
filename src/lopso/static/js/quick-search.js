// The search in the header. "/" goes there from anywhere; arrows choose a hit, Enter opens it (or the page of all
// hits), Escape closes and goes back to where the focus was. Without a script it is a form and a link.

const box = document.querySelector("[data-quick-search]");
const field = box?.querySelector("[role=combobox]");
let cameFrom = null;

const hits = () => document.getElementById("find-hits");
const options = () => [...hits().querySelectorAll("[role=option]:not([aria-disabled])")];
const chosen = () => hits().querySelector("[aria-selected=true]");

function choose(option) {
  chosen()?.setAttribute("aria-selected", "false");
  option?.setAttribute("aria-selected", "true");
  option?.scrollIntoView({ block: "nearest" });
  if (option) field.setAttribute("aria-activedescendant", option.id);
  else field.removeAttribute("aria-activedescendant");
}

function show(visible) {
  hits().hidden = !visible;
  field.setAttribute("aria-expanded", String(visible));
  if (!visible) choose(null);
}

function open() {
  if (document.activeElement !== field) cameFrom = document.activeElement;
  box.classList.add("open");
  field.focus();
  field.select();
  if (field.value && hits().childElementCount) show(true);
}

function close() {
  show(false);
  box.classList.remove("open");
}

function leave() {
  field.value = "";
  hits().replaceChildren();
  close();
  field.blur();
  if (cameFrom?.isConnected) cameFrom.focus();
}

function move(step) {
  const all = options();
  if (!all.length) return;
  const place = all.indexOf(chosen()) + step;
  choose(place === -1 ? null : all[place === -2 ? all.length - 1 : Math.min(place, all.length - 1)]);
}

const KEYS = {
  ArrowDown: () => move(1),
  ArrowUp: () => move(-1),
  Escape: leave,
};

function typing(element) {
  return element?.closest?.("input, textarea, select, [contenteditable]");
}

if (field) {
  document.addEventListener("keydown", (event) => {
    if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
    event.preventDefault();
    open();
  });
  field.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    const option = chosen();
    if (event.key === "Enter" && option) {
      event.preventDefault();
      option.click();
    } else if (event.key in KEYS) {
      event.preventDefault();
      KEYS[event.key]();
    }
  });
  box.querySelector("[data-open-search]").addEventListener("click", (event) => {
    event.preventDefault();
    open();
  });
  box.querySelector("[data-close-search]").addEventListener("click", leave);
  box.addEventListener("htmx:afterSwap", () => {
    choose(null);
    show(document.activeElement === field && hits().childElementCount > 0);
    document.getElementById("find-status").textContent = hits().querySelector("[data-said]")?.dataset.said ?? "";
  });
  field.addEventListener("focus", () => field.value && hits().childElementCount && show(true));
  document.addEventListener("click", (event) => {
    if (!box.contains(event.target)) close();
  });
  box.addEventListener("focusout", (event) => {
    if (event.relatedTarget && !box.contains(event.relatedTarget)) close();
  });
}
