// What htmx shows when a request fails. Our own refusals name their place (HX-Retarget) and are swapped in there. No
// answer at all, or one from something in between (a proxy), becomes a sentence that came with the page.

document.body.addEventListener("htmx:beforeSwap", (event) => {
  const { xhr } = event.detail;
  if (xhr.status >= 400 && xhr.getResponseHeader("HX-Retarget")) event.detail.shouldSwap = true;
});

function show(templateId) {
  const sentence = document.getElementById(templateId);
  const flashes = document.getElementById("flash");
  if (!sentence || !flashes) return;
  flashes.replaceChildren(sentence.content.cloneNode(true));
  flashes.firstElementChild.dataset.said = templateId;
  flashes.scrollIntoView({ block: "nearest" });
}

// [data-quiet]: asked for by the page itself; nobody did anything that could be lost.
const isQuiet = (event) => event.detail.elt.matches("[data-quiet]");

document.body.addEventListener("htmx:sendError", (event) => isQuiet(event) || show("words-offline"));
document.body.addEventListener("htmx:timeout", (event) => isQuiet(event) || show("words-offline"));
document.body.addEventListener("htmx:responseError", (event) => {
  if (isQuiet(event)) return;
  if (!event.detail.xhr.getResponseHeader("HX-Retarget")) show("words-failed");
});

// The network is back: the sentence that it is gone goes.
function backOnline() {
  document.querySelector("#flash > [data-said=words-offline]")?.remove();
}

window.addEventListener("online", backOnline);
document.body.addEventListener("htmx:afterOnLoad", backOnline);
