// [data-print] prints the page. [data-copy="text"] copies the text; [data-copied="words"] then replaces its label.

const closest = (event, selector) => (event.target instanceof Element ? event.target.closest(selector) : null);

document.addEventListener("click", async (event) => {
  if (closest(event, "[data-print]")) window.print();
  const button = closest(event, "[data-copy]");
  if (!button) return;
  await navigator.clipboard.writeText(button.dataset.copy);
  if (button.dataset.copied) (button.querySelector("span") ?? button).textContent = button.dataset.copied;
});
