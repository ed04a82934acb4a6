// [data-open-wide]: folded away on a phone, open beside the fields where there is room. Without a script it is folded
// everywhere, and a button shows it.
const wide = window.matchMedia("(min-width: 58rem)");

function unfold() {
  if (!wide.matches) return;
  for (const part of document.querySelectorAll("[data-open-wide]")) part.open = true;
}

unfold();
wide.addEventListener("change", unfold);
