// On every page: times of the reader, copying, the theme, and words for screen readers.
export function say(text) {
  document.getElementById("said").textContent = text;
}

const full = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "medium" });
const clock = new Intl.DateTimeFormat(undefined, { timeStyle: "medium" });

export function localTimes(root) {
  const today = new Date().toDateString();
  for (const t of root.querySelectorAll("time[datetime]")) {
    const at = new Date(t.dateTime);
    if (Number.isNaN(at.getTime())) continue;
    t.title = t.dateTime;
    t.textContent = at.toDateString() === today ? clock.format(at) : full.format(at);
  }
}

// short prints 1234567 as "1.23 M".
export function short(v) {
  let prefix = "";
  for (const p of ["k", "M", "G", "T"]) {
    if (Math.abs(v) < 1000) break;
    v /= 1000;
    prefix = " " + p;
  }
  return (Math.abs(v) >= 100 || Number.isInteger(v) ? v.toFixed(0) : String(Number(v.toPrecision(3)))) + prefix;
}

function dark() {
  const chosen = document.documentElement.dataset.theme;
  return chosen ? chosen === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
}

document.getElementById("theme")?.addEventListener("click", () => {
  const theme = dark() ? "light" : "dark";
  document.documentElement.dataset.theme = theme;
  try { localStorage.setItem("theme", theme); } catch { /* it holds for this page */ }
  document.dispatchEvent(new Event("theme"));
  say("The page is " + theme + " now.");
});
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => document.dispatchEvent(new Event("theme")));

document.addEventListener("click", async (e) => {
  const button = e.target.closest("[data-copy]");
  if (!button) return;
  try {
    await navigator.clipboard.writeText(button.dataset.copy);
    button.textContent = "Copied";
    say("Copied.");
  } catch { // no clipboard without TLS on another machine: select it instead
    getSelection().selectAllChildren(button.previousElementSibling);
    button.textContent = "Selected";
  }
  setTimeout(() => { button.textContent = "Copy"; }, 2000);
});

localTimes(document);
