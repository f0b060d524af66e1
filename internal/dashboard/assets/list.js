// Keys of the list: j and k move, Enter opens, / searches.
const rows = [...document.querySelectorAll("#incidents tbody tr")];
let here = -1;

function move(to) {
  if (rows.length === 0) return;
  rows[here]?.classList.remove("here");
  here = Math.min(Math.max(to, 0), rows.length - 1);
  rows[here].classList.add("here");
  const link = rows[here].querySelector("a");
  link.focus();
  rows[here].scrollIntoView({ block: "nearest" });
}

document.addEventListener("keydown", (e) => {
  if (e.ctrlKey || e.metaKey || e.altKey || e.target.closest("input, select, textarea")) return;
  switch (e.key) {
    case "j": move(here + 1); break;
    case "k": move(here - 1); break;
    case "/": document.getElementById("search").focus(); break;
    default: return;
  }
  e.preventDefault();
});

// A choice filters at once.
const filter = document.querySelector(".filter");
filter.addEventListener("change", (e) => {
  if (e.target.matches("select, [type=checkbox]")) filter.requestSubmit();
});
filter.addEventListener("submit", () => {
  for (const field of filter.elements) if (field.name && field.value === "") field.disabled = true; // a short address
});
addEventListener("pageshow", () => { for (const field of filter.elements) field.disabled = false; });
