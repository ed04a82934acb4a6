// [data-board]: checkboxes of people for sessions. One person ticked twice at one time: a sentence at both ticks, before
// anything is sent; the server says the same. [data-clash]: the sentence, with {title} for the other session.

const MARK = "data-clash-sentence";

function overlap(one, other) {
  return (
    one !== other &&
    one.dataset.person === other.dataset.person &&
    Number(one.dataset.from) < Number(other.dataset.until) &&
    Number(other.dataset.from) < Number(one.dataset.until)
  );
}

function sentence(words) {
  const paragraph = document.createElement("p");
  paragraph.className = "field-error";
  paragraph.setAttribute(MARK, "");
  paragraph.setAttribute("role", "alert");
  paragraph.textContent = words;
  return paragraph;
}

function check(board) {
  for (const old of board.querySelectorAll(`[${MARK}]`)) old.remove();
  const picked = [...board.querySelectorAll("input[data-person]:checked")];
  for (const one of picked) {
    const other = picked.find((each) => overlap(one, each));
    if (other) one.closest("li").append(sentence(board.dataset.clash.replace("{title}", other.dataset.title)));
  }
}

document.body.addEventListener("htmx:afterSettle", () => document.querySelectorAll("[data-board]").forEach(check));
document.addEventListener("change", (event) => {
  const board = event.target instanceof Element ? event.target.closest("[data-board]") : null;
  if (board) check(board);
});
