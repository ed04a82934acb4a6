// <details data-menu>: an open menu closes on Escape, on a click elsewhere, and when another one opens.

const openMenus = () => document.querySelectorAll("details[data-menu][open]");

document.addEventListener("click", (event) => {
  for (const menu of openMenus()) if (!menu.contains(event.target)) menu.open = false;
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of openMenus()) {
    const focusIsInside = menu.contains(document.activeElement);
    menu.open = false;
    if (focusIsInside) menu.querySelector("summary").focus();
  }
});
