// [data-show-password="id"]: a checkbox that shows what is typed in the field of that id. Hidden without a script.
// Before a form goes its passwords are passwords again, so that the browser offers to keep them.

const fieldOf = (choice) => document.getElementById(choice.dataset.showPassword);

function offer() {
  for (const choice of document.querySelectorAll("[data-show-password]")) {
    choice.hidden = false;
    choice.querySelector("input").checked = false;
  }
}

document.addEventListener("change", (event) => {
  const choice = event.target instanceof Element ? event.target.closest("[data-show-password]") : null;
  if (choice) fieldOf(choice).type = event.target.checked ? "text" : "password";
});
document.addEventListener("submit", (event) => {
  for (const choice of event.target.querySelectorAll("[data-show-password]")) fieldOf(choice).type = "password";
});
document.body.addEventListener("htmx:afterSettle", offer);
offer();
