// [data-file-choice]: the name of the picked file in place of "no file yet". A page that comes back may still have one.

const show = (box) => {
  const words = box.querySelector("[data-none]");
  words.textContent = box.querySelector("input").files[0]?.name ?? words.dataset.none;
};

document.addEventListener("change", (event) => {
  const box = event.target instanceof Element ? event.target.closest("[data-file-choice]") : null;
  if (box) show(box);
});
addEventListener("pageshow", () => document.querySelectorAll("[data-file-choice]").forEach(show));
