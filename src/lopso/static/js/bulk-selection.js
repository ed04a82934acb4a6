// [data-bulk]: a list with checkboxes. [data-bulk-bar] is shown while something is picked, [data-bulk-count] says how
// many; [data-uncounted]: a checkbox that picks nobody; [data-kept]: what was picked on another page of the list. A button with data-group="value value …" ticks these boxes, or
// unticks them when all are ticked; its [data-ticked] says how many are. [data-room] is shown when more are picked than
// its number, and says by how many in the words of data-over. Without a script the bar is always shown and the button
// asks the server.

const ticked = (boxes) => boxes.filter((box) => box.checked).length;

function boxesOf(list, button) {
  const values = new Set(button.dataset.group.split(" "));
  return [...list.querySelectorAll("input[type=checkbox]:not(:disabled)")].filter((box) => values.has(box.value));
}

function update(list) {
  const boxes = "input[type=checkbox]:not(:disabled, [data-uncounted]):checked, input[data-kept]";
  const picked = list.querySelectorAll(boxes).length;
  const bar = list.querySelector("[data-bulk-bar]");
  if (bar) bar.hidden = picked === 0;
  for (const count of list.querySelectorAll("[data-bulk-count]")) count.textContent = String(picked);
  for (const room of list.querySelectorAll("[data-room]")) {
    const over = picked - Number(room.dataset.room);
    room.hidden = over <= 0;
    room.textContent = room.dataset.over.replace("{n}", over);
  }
  for (const button of list.querySelectorAll("[data-group]")) {
    const boxes = boxesOf(list, button);
    button.querySelector("[data-ticked]").textContent = String(ticked(boxes));
    button.setAttribute("aria-pressed", String(ticked(boxes) === boxes.length));
  }
}

const updateAll = () => document.querySelectorAll("[data-bulk]").forEach(update);

document.addEventListener("click", (event) => {
  const button = event.target instanceof Element ? event.target.closest("[data-bulk] [data-group]") : null;
  if (!button) return;
  event.preventDefault();
  const list = button.closest("[data-bulk]");
  const boxes = boxesOf(list, button);
  const all = ticked(boxes) === boxes.length;
  for (const box of boxes) box.checked = !all;
  update(list);
});

document.addEventListener("change", (event) => {
  const list = event.target instanceof Element ? event.target.closest("[data-bulk]") : null;
  if (list) update(list);
});
document.body.addEventListener("htmx:afterSettle", updateAll);
window.addEventListener("pageshow", updateAll); // the browser's history may bring boxes back as they were
updateAll();
