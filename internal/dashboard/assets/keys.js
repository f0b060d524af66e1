// Keys that work on every page. Pages add their own with onKey.
const own = new Map();

// onKey has action done when key is pressed outside a field.
export function onKey(key, action) {
  own.set(key, action);
}

const places = { l: "/", i: "/incidents", s: "/suppressions", a: "/alerts", m: "/model" };
const overview = document.getElementById("keys");
let going = 0; // until when a letter after g counts

onKey("/", () => location.assign("/incidents#search"));
onKey("?", () => overview.showModal());
onKey("g", () => { going = Date.now() + 1500; });

document.getElementById("keys-open")?.addEventListener("click", () => overview.showModal());
document.addEventListener("keydown", (e) => {
  if (!overview || e.ctrlKey || e.metaKey || e.altKey) return;
  if (e.target.closest("input:not([type=checkbox], [type=radio]), select, textarea")) {
    if (e.key === "Escape") e.target.blur();
    return;
  }
  if (overview.open) return;
  const place = Date.now() < going && places[e.key];
  const action = place ? () => location.assign(place) : own.get(e.key);
  if (e.key !== "g") going = 0;
  if (!action) return;
  e.preventDefault();
  action();
});
