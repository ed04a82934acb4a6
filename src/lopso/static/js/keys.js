// [aria-keyshortcuts="Shift+…"]: pressed by that key. None of them is a letter, so neither fields nor screen readers
// mind. "/" is of the search in the header.

document.addEventListener("keydown", (event) => {
  if (!event.shiftKey || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.closest?.("input, textarea, select, [contenteditable]")) return;
  const target = document.querySelector(`[aria-keyshortcuts="Shift+${CSS.escape(event.key)}"]`);
  if (!target) return;
  event.preventDefault();
  target.click();
});
