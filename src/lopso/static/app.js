// Small conveniences on top of pages that work without them: whatever fails here, links and forms still do. Those of
// pages with other.css are in other.js.
// The build of the authors is smaller than what esbuild makes of the module. Its settings are in the page (htmx-config).
import "htmx.org/dist/htmx.min.js";

import "./js/mark-scripted.js";
import "./js/menus.js";
import "./js/single-submit.js";
import "./js/page-buttons.js";
import "./js/failed-requests.js";
import "./js/focus.js";
import "./js/quick-search.js";
import "./js/submit-on-pick.js";
import "./js/keys.js";
