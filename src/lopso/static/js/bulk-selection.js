// [data-bulk]: a list with checkboxes. [data-bulk-bar] is shown while something is picked, [data-bulk-count] says how
// many. Without a script the bar is always shown. [data-uncounted]: a checkbox that picks nobody.

function update(list) {
  const picked = list.querySelectorAll("input[type=checkbox]:not(:disabled, [data-uncounted]):checked").length;
  const bar = list.querySelector("[data-bulk-bar]");
  if (bar) bar.hidden = picked === 0;
  for (const count of list.querySelectorAll("[data-bulk-count]")) count.textContent = String(picked);
}

const updateAll = () => document.querySelectorAll("[data-bulk]").forEach(update);

document.addEventListener("change", (event) => {
  const list = event.target instanceof Element ? event.target.closest("[data-bulk]") : null;
  if (list) update(list);
});
document.body.addEventListener("htmx:afterSettle", updateAll);
updateAll();
