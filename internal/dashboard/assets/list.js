// The list of incidents: keys, selection, and what the next page needs to come back.
import { onKey } from "./keys.js";

const rows = [...document.querySelectorAll("#incidents tbody tr")];
let here = -1;

try { // for "next" and "back" on the page of an incident
  sessionStorage.setItem("list", JSON.stringify({ address: location.pathname + location.search, ids: rows.map((r) => r.dataset.id) }));
} catch { /* those links are left out */ }

function move(to) {
  if (rows.length === 0) return;
  rows[here]?.classList.remove("here");
  here = Math.min(Math.max(to, 0), rows.length - 1);
  rows[here].classList.add("here");
  rows[here].querySelector(".main a").focus();
  rows[here].scrollIntoView({ block: "nearest" });
}

const search = document.getElementById("search");
onKey("j", () => move(here + 1));
onKey("k", () => move(here - 1));
onKey("x", () => rows[here]?.querySelector(".pick input").click());
onKey("/", () => search.focus());
if (location.hash === "#search") search.focus();

// Selection.
const judge = document.getElementById("judge");
const picks = [...document.querySelectorAll("#incidents tbody .pick input")];
const all = document.getElementById("all");

function count() {
  const n = picks.filter((p) => p.checked).length;
  document.getElementById("selected").textContent = n ? n + " selected:" : "With the selected";
  for (const button of judge.querySelectorAll(".selected button")) button.disabled = n === 0;
  all.checked = n === picks.length;
  all.indeterminate = n > 0 && n < picks.length;
}

judge?.addEventListener("change", (e) => {
  if (e.target === all) for (const p of picks) p.checked = all.checked;
  count();
});

// A choice filters at once.
const filter = document.querySelector(".filter");
filter.addEventListener("change", (e) => {
  if (e.target.matches("select, [type=checkbox]")) filter.requestSubmit();
});
filter.addEventListener("submit", () => {
  for (const field of filter.elements) if (field.name && field.value === "") field.disabled = true; // a short address
});
addEventListener("pageshow", () => {
  for (const field of filter.elements) field.disabled = false;
  if (judge) count();
});
