// form[data-submit-on-pick]: goes as soon as a day is picked. Typed digits change the day one by one and wait for
// Enter or the button.

let typing = false;

document.addEventListener("keydown", () => (typing = true));
document.addEventListener("pointerdown", () => (typing = false));
document.addEventListener("change", (event) => {
  const form = event.target instanceof Element ? event.target.closest("form[data-submit-on-pick]") : null;
  if (form && event.target.value && !typing) form.requestSubmit();
});
