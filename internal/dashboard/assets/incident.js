// The preview of a suppression while it is written, the way to the next incident, and
// news of one that grows.
import { ask, say } from "./app.js";
import { onKey } from "./keys.js";
import { listen } from "./stream.js";

for (const form of document.querySelectorAll("[data-rule]")) {
  const out = form.querySelector("[data-preview]");
  let timer, turn = 0;

  async function preview() {
    const mine = ++turn;
    const v = Object.fromEntries(new FormData(form));
    const ports = v.ports.split(/[\s,]+/).filter(Boolean).map(Number);
    const rule = { source: v.source.trim(), destination: v.destination.trim(), network: v.network.trim(), class: v.class, reason: v.reason };
    if (ports.length) rule.ports = ports;
    if (!rule.source && !rule.destination && !rule.network && !rule.class && !ports.length) { show("", false); return; }
    if (ports.some((p) => !Number.isInteger(p) || p < 1 || p > 65535)) { show("Ports are numbers from 1 to 65535.", true); return; }
    try {
      const body = await ask("suppressions/preview", { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(rule) });
      if (mine === turn) show("It " + body.text.charAt(0).toLowerCase() + body.text.slice(1), false);
    } catch (e) {
      if (mine === turn) show(e instanceof TypeError ? "The preview can not be reached." : e.message, true);
    }
  }

  function show(text, bad) {
    out.textContent = text;
    out.classList.toggle("bad", bad);
  }

  form.addEventListener("input", (e) => {
    if (e.target.name === "reason" || e.target.name === "days") return;
    clearTimeout(timer);
    timer = setTimeout(preview, 250);
  });
  form.addEventListener("submit", (e) => {
    if (e.submitter?.value !== "preview") return;
    e.preventDefault();
    preview();
  });
  preview();
}

// neighbours links to the incidents beside this one in the list it was opened from.
function neighbours(id) {
  let list;
  try { list = JSON.parse(sessionStorage.getItem("list")); } catch { /* none */ }
  const back = document.getElementById("back"), at = list?.ids.indexOf(id) ?? -1;
  if (list) back.href = list.address;
  onKey("u", () => back.click());
  for (const [name, key, step] of [["previous", "k", -1], ["next-one", "j", 1]]) {
    const to = at >= 0 ? list.ids[at + step] : undefined;
    if (!to) continue;
    const link = document.getElementById(name);
    link.href = "/incidents/" + encodeURIComponent(to);
    link.hidden = false;
    onKey(key, () => link.click());
  }
}

const incident = document.querySelector("[data-incident]");
if (incident) {
  neighbours(incident.dataset.incident);
  listen({ incident(news) {
    if (news.id !== incident.dataset.incident || news.revision <= Number(incident.dataset.revision)) return;
    document.getElementById("grew").hidden = false;
    say("The incident has grown.");
  } });
}
