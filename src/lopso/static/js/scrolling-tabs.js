// Tabs that do not fit side by side: bring the current one to the middle. The page itself stays at its top.

const current = document.querySelector(".tabs [aria-current]");
const strip = current?.closest("ul");
if (strip && strip.scrollWidth > strip.clientWidth) {
  const { left, right } = current.getBoundingClientRect();
  strip.scrollLeft += (left + right) / 2 - strip.getBoundingClientRect().left - strip.clientWidth / 2;
}
