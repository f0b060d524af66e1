// The preview of a suppression while it is written, and news of an incident that grows.
import { say } from "./app.js";

for (const form of document.querySelectorAll("[data-rule]")) {
  const out = form.querySelector("[data-preview]");
  let timer, turn = 0;

  async function preview() {
    const mine = ++turn;
    const v = Object.fromEntries(new FormData(form));
    const ports = v.ports.split(/[\s,]+/).filter(Boolean).map(Number);
    const rule = { source: v.source.trim(), destination: v.destination.trim(), network: v.network.trim(), class: v.class, reason: v.reason };
    if (ports.length) rule.ports = ports;
    if (!rule.source && !rule.destination && !rule.network && !rule.class && !ports.length) { out.textContent = ""; return; }
    if (ports.some((p) => !Number.isInteger(p) || p < 1 || p > 65535)) { show("Ports are numbers from 1 to 65535.", true); return; }
    try {
      const answer = await fetch("/api/v1/suppressions/preview", { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(rule) });
      const body = await answer.json();
      if (mine === turn) show(answer.ok ? "It " + body.text.charAt(0).toLowerCase() + body.text.slice(1) : body.error, !answer.ok);
    } catch { if (mine === turn) show("The preview can not be reached.", true); }
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

const incident = document.querySelector("[data-incident]");
if (incident) {
  new EventSource("/events").addEventListener("incident", (e) => {
    const news = JSON.parse(e.data);
    if (news.id !== incident.dataset.incident || news.revision <= Number(incident.dataset.revision)) return;
    document.getElementById("grew").hidden = false;
    say("The incident has grown.");
  });
}
