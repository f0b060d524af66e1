// The charts of the live page: what is drawn, and the same in numbers.
import { moment, say, short, ask } from "./app.js";

const classes = ["portscan", "bruteforce", "dos", "ddos", "bot", "webattack", "infiltration", "heartbleed"];
const names = { portscan: "Port scan", bruteforce: "Brute force", dos: "DoS", ddos: "DDoS", bot: "Bot", webattack: "Web attack", infiltration: "Infiltration", heartbleed: "Heartbleed" };
const kinds = {
  bits: [{ name: "bits", label: "Bits", colour: "--s1", fill: true }],
  packets: [{ name: "packets", label: "Packets", colour: "--s1", fill: true }, { name: "drops", label: "Lost", colour: "--s2", dash: [6, 3] }],
  flows: [{ name: "flows", label: "Flows", colour: "--s1", fill: true }],
  verdicts: classes.map((c, i) => ({ name: "verdict." + c, label: names[c], colour: "--s" + (i + 2), dash: [[], [6, 3], [2, 2], [8, 3, 2, 3]][i % 4] })),
};
const live = 600; // seconds of the live range
const boxes = [...document.querySelectorAll("[data-chart]")];
let times = [], columns = {}, step = 1, range = "10m", plots = [];

// colour resolves one of the page's colours for a canvas.
function colour(name, alpha = 1) {
  const probe = document.getElementById("said");
  probe.style.color = "var(" + name + ")";
  const rgb = getComputedStyle(probe).color;
  probe.style.color = "";
  return rgb.replace("rgb(", "rgba(").replace(")", ", " + alpha + ")");
}

function drawn(kind) { // verdicts that never occurred only fill the legend
  const all = kinds[kind].filter((s) => columns[s.name]);
  const some = kind === "verdicts" ? all.filter((s) => columns[s.name].some((v) => v > 0)) : all;
  return some.slice(0, 6);
}

export function draw() {
  for (const p of plots) p.destroy();
  plots = [];
  for (const box of boxes) {
    const series = drawn(box.dataset.chart);
    box.replaceChildren();
    box.previousElementSibling.querySelector("output").textContent = "";
    if (series.length === 0 || times.length < 2) {
      const empty = document.createElement("p");
      empty.className = "chart-empty";
      empty.textContent = box.dataset.chart === "verdicts" && times.length >= 2 ? "Nothing suspicious in this span." : "Waiting for numbers…";
      box.append(empty);
      continue;
    }
    plots.push(plot(box, series));
  }
  numbers();
}

function plot(box, series) {
  const axis = { stroke: colour("--soft"), grid: { stroke: colour("--line"), width: 1 }, ticks: { show: false }, font: "11px system-ui, sans-serif" };
  const legend = series.length > 1 || box.dataset.chart === "verdicts";
  const p = new uPlot({
    width: box.clientWidth, height: legend ? 156 : 180, padding: [8, 8, 0, 0],
    cursor: { y: false, points: { size: 6 }, sync: { key: "traffic" }, drag: { x: false, y: false } },
    legend: { live: false, isolate: true, show: legend },
    scales: { x: { time: true }, y: { range: (_, low, high) => [0, high > 0 ? high * 1.1 : 1] } },
    axes: [{ ...axis, space: 70, size: 28, values: moments }, { ...axis, size: 56, values: (_, ticks) => ticks.map(short) }],
    series: [{}, ...series.map((s) => ({ label: s.label, stroke: colour(s.colour), width: 1.6, dash: s.dash, fill: s.fill ? colour(s.colour, 0.13) : undefined, points: { show: false }, spanGaps: step === 1 }))],
    hooks: { setCursor: [(u) => read(u, box, series)] },
  }, [times, ...series.map((s) => columns[s.name])], box);
  p.kind = box.dataset.chart;
  p.shown = series.map((s) => s.name);
  const canvas = box.querySelector("canvas");
  canvas.setAttribute("role", "img");
  canvas.setAttribute("aria-label", series.map((s) => {
    const v = columns[s.name].filter((x) => x !== null);
    return s.label + ": latest " + short(v.at(-1) ?? 0) + ", most " + short(Math.max(0, ...v)) + " a second";
  }).join("; "));
  return p;
}

// read prints the values under the pointer beside the chart's title.
function read(u, box, series) {
  const i = u.cursor.idx;
  box.previousElementSibling.querySelector("output").textContent = i === null || i === undefined ? "" :
    moment(new Date(times[i] * 1000)) + " · " + series.map((s) => [(series.length > 1 ? s.label + " " : ""), short(columns[s.name][i] ?? 0)].join("")).join(" · ");
}

const second = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", second: "2-digit" });
const minute = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" });
const day = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short" });

// moments labels the axis of time as finely as the ticks lie.
function moments(_, ticks) {
  const apart = (ticks.at(1) ?? Infinity) - ticks[0];
  const format = apart < 60 ? second : apart < 86400 ? minute : day;
  return ticks.map((t, i) => {
    const at = new Date(t * 1000);
    return format === minute && i > 0 && new Date(ticks[i - 1] * 1000).getDate() !== at.getDate() ? day.format(at) : format.format(at);
  });
}

// numbers fills the table that stands for the charts, when it is open.
const rows = 60;
const figures = document.getElementById("figures");
figures.addEventListener("toggle", numbers);
function numbers() {
  if (!figures.open) return;
  const series = boxes.flatMap((b) => drawn(b.dataset.chart));
  const line = (cell, texts) => {
    const row = document.createElement("tr");
    row.append(...texts.map((text, i) => {
      const c = document.createElement(i === 0 ? "th" : cell);
      if (i > 0) c.className = "num";
      c.scope = cell === "th" ? "col" : i === 0 ? "row" : "";
      c.textContent = text;
      return c;
    }));
    return row;
  };
  const head = document.createElement("thead"), body = document.createElement("tbody");
  head.append(line("th", ["Time", ...series.map((s) => s.label + "/s")]));
  const every = Math.max(1, Math.ceil(times.length / rows));
  for (let i = times.length - 1; i >= 0; i -= every) {
    body.append(line("td", [moment(new Date(times[i] * 1000)), ...series.map((s) => columns[s.name][i] === null ? "–" : short(columns[s.name][i]))]));
  }
  figures.querySelector("table").replaceChildren(head, body);
}

export async function load() {
  const wanted = range;
  try {
    const body = await ask("series?range=" + (wanted === "10m" ? "live" : wanted));
    if (wanted !== range) return;
    times = body.times ?? [];
    columns = body.series;
    step = body.step_seconds;
    while (times.length && Object.values(columns).every((c) => c.at(-1) === null)) { // the interval that has only begun
      times.pop();
      for (const c of Object.values(columns)) c.pop();
    }
    draw();
  } catch { say("The charts could not be loaded."); }
}

// append adds a second to the live range.
export function append(r) {
  if (range !== "10m") return;
  const at = Math.round(Date.parse(r.time) / 1000);
  if (times.length && at <= times.at(-1)) return;
  step = 1;
  const now = { bits: r.bits, packets: r.packets, flows: r.flows, drops: r.drops };
  for (const c of classes) if (r.verdicts?.[c] !== undefined || columns["verdict." + c]) now["verdict." + c] = r.verdicts?.[c] ?? 0;
  for (const name of Object.keys(now)) columns[name] ??= new Array(times.length).fill(null);
  times.push(at);
  for (const [name, column] of Object.entries(columns)) column.push(now[name] ?? null);
  while (times[0] < at - live) {
    times.shift();
    for (const column of Object.values(columns)) column.shift();
  }
  if (document.hidden) return;
  if (plots.length < boxes.length && times.length > 1 || plots.some((p) => p.shown.join() !== drawn(p.kind).map((s) => s.name).join())) { draw(); return; }
  for (const p of plots) p.setData([times, ...p.shown.map((n) => columns[n])]);
}

document.getElementById("range").addEventListener("change", (e) => { range = e.target.value; load(); });
document.addEventListener("theme", draw);
let resized;
addEventListener("resize", () => { clearTimeout(resized); resized = setTimeout(draw, 150); });
addEventListener("load", load);
setInterval(() => { if (range !== "10m") load(); }, 60000);
