// [data-enter]: a part of a form with a button of its own. Enter in one of its fields presses that button, not the first
// one of the form.

document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !(event.target instanceof HTMLInputElement)) return;
  const button = event.target.closest("[data-enter]")?.querySelector("button[formaction]");
  if (!button) return;
  event.preventDefault();
  button.click();
});
