// On every page: times of the reader, copying, the theme, words for screen readers.
import "./keys.js";

export function say(text) {
  document.getElementById("said").textContent = text;
}

const clock = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", second: "2-digit" });
const date = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short" });
const year = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", year: "numeric" });
const exact = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "long" });

// moment prints a time as short as it is clear today.
export function moment(at) {
  const now = new Date();
  if (at.toDateString() === now.toDateString()) return clock.format(at);
  return (at.getFullYear() === now.getFullYear() ? date : year).format(at) + ", " + clock.format(at);
}

export function localTimes(root) {
  for (const t of root.querySelectorAll("time[datetime]")) {
    const at = new Date(t.dateTime);
    if (Number.isNaN(at.getTime())) continue;
    t.title = exact.format(at) + "; " + t.dateTime;
    t.textContent = moment(at);
  }
}

function nameZone() {
  const zone = document.getElementById("zone");
  if (!zone) return;
  const minutes = -new Date().getTimezoneOffset();
  const clock = Math.floor(Math.abs(minutes) / 60) + (minutes % 60 ? ":" + String(Math.abs(minutes % 60)).padStart(2, "0") : "");
  const offset = minutes === 0 ? "UTC" : "UTC" + (minutes < 0 ? "−" : "+") + clock;
  const name = Intl.DateTimeFormat().resolvedOptions().timeZone;
  zone.textContent = "Times are " + (name && name !== "UTC" ? name + ", " + offset : offset);
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

// ask fetches from the API. A session that has ended leads to the log-in and back.
export async function ask(path, options) {
  const answer = await fetch("/api/v1/" + path, options);
  if (answer.status === 401) location.assign("/login?next=" + encodeURIComponent(location.pathname + location.search));
  const body = await answer.json();
  if (!answer.ok) throw new Error(body.error);
  return body;
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
nameZone();
