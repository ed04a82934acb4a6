// Conveniences of the pages that have other.css.
import "./js/board.js";
import "./js/bulk-selection.js";
import "./js/enter.js";
import "./js/file-choice.js";
import "./js/kept-ticks.js";
import "./js/open-wide.js";
import "./js/show-password.js";
