// A form that is posted twice in a row is sent once. It can be sent again after ten seconds (the answer may have been a
// download, which leaves the page as it is) or when the browser shows the page again from its history.

const RELEASE_AFTER_MS = 10_000;

function release(form) {
  form.removeAttribute("aria-busy");
  delete form.dataset.sent;
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.method === "get") return;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "1";
  form.setAttribute("aria-busy", "true");
  setTimeout(release, RELEASE_AFTER_MS, form);
});

window.addEventListener("pageshow", () => document.querySelectorAll("form[data-sent]").forEach(release));
