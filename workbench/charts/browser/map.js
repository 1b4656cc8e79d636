// The journey map as a table: its columns are the stages, its rows the lanes. `draw` knows no kernel: a page that has the canvas (a
// dict of ready texts, see workbench.journeys.map) calls it without options and has a map to read; map_edit.js makes one to work with.
const HUES = 6; // colours of channels; from the seventh on they are hatched
const FELT = { height: 132, top: 30, room: 72 }; // px of the lane and of the part of it that holds the scale

// `options`, all of them left out at will: labels {channels}, language (of percentages), hidden (keys of lanes), picked {of, row},
// pick(of, row): a number was chosen; tools(card, stage): what stands in a card beside its name; words(cell, stage, lane): what a cell
// of words holds. `of` names the frame whose row it is, as Result.customers does.
export function draw(element, canvas, options = {}) {
  const hidden = new Set(options.hidden ?? []);
  const stages = canvas.stages;
  const lanes = canvas.lanes.filter((one) => !hidden.has(one.key));
  const planned = Object.values(canvas.cells).some((row) => Object.values(row).some((cell) => cell.cards?.some((one) => one.layer !== "mined")));
  const map = { canvas, options, planned, percent: new Intl.NumberFormat(options.language || document.documentElement.lang || "en", { style: "percent" }) };
  const table = h(
    "table",
    { cls: `cxw-map-table${stages.length === 1 ? " cxw-map-one" : ""}`, style: `--cxw-stages:${stages.length}` },
    h("caption", { cls: "cxw-offscreen" }, canvas.title),
    h("thead", {}, h("tr", {}, h("td", { cls: "cxw-map-lane" }), stages.map((one) => h("th", { scope: "col", cls: "cxw-map-stage" }, stageHead(one, map))))),
    h(
      "tbody",
      {},
      lanes.map((lane) =>
        h(
          "tr",
          { cls: `cxw-map-row-${lane.kind}` },
          h("th", { scope: "row", cls: "cxw-map-lane" }, h("span", { cls: "cxw-map-lane-name" }, lane.name), lane.hint && h("span", { cls: "cxw-map-hint" }, lane.hint)),
          stages.map((stage, i) => cellOf(lane, stage, i, map)),
        ),
      ),
    ),
  );
  element.append(...[legend(map)].filter(Boolean), h("div", { cls: "cxw-map-scroll", tabindex: "0", role: "region", "aria-label": canvas.title }, table));
}

function legend({ canvas, options }) {
  if (!canvas.channels?.length) return null;
  const name = options.labels?.channels;
  return h("ul", { cls: "cxw-map-legend", "aria-label": name }, canvas.channels.map((one, i) => h("li", {}, h("i", { cls: hue(i), "aria-hidden": "true" }), one.name)));
}
const hue = (i) => `cxw-hue-${i % HUES}${i < HUES ? "" : " cxw-hue-more"}`;
const within = (x, low, high) => Math.min(high, Math.max(low, Number(x) || 0));
const unseen = (...words) => h("span", { cls: "cxw-offscreen" }, words.filter(Boolean).map((one) => ` ${one}`));

// What opens its customers where somebody listens, and is only read elsewhere. What it means is said to those who don't see it.
function number(map, of, one, key, cls, ...inside) {
  const { pick, picked } = map.options;
  const hint = one.hint && unseen(one.hint);
  if (!pick || !(one.row >= 0)) return h("div", { cls, title: one.hint }, inside, hint);
  const on = picked?.of === of && picked.row === one.row;
  return h("button", { type: "button", cls: `${cls} cxw-map-open`, "data-key": key, "aria-pressed": String(on), title: one.hint, onclick: () => pick(of, one.row) }, inside, hint);
}

function stageHead(one, map) {
  const figure = h("span", { cls: "cxw-map-small" }, one.figure);
  return number(map, "stages", one, `stage ${one.key}`, "cxw-map-head", h("span", { cls: "cxw-map-name" }, one.name), one.figure && figure);
}

function cellOf(lane, stage, i, map) {
  const cell = map.canvas.cells[lane.key]?.[stage.key];
  const at = { "data-lane": lane.key, "data-stage": stage.key, "data-drop": lane.kind };
  if (lane.kind === "words") return h("td", at, (map.options.words ?? readWords)(cell ?? {}, stage, lane));
  if (lane.kind === "cards") return h("td", at, h("ul", { cls: "cxw-map-cards" }, (cell?.cards ?? []).map((one) => card(one, stage, map))));
  if (!cell) return h("td", at);
  const note = cell.note && h("span", { cls: "cxw-map-small", title: cell.hint }, cell.note, cell.hint && unseen(cell.hint));
  const key = `${lane.key} ${stage.key}`;
  if (lane.kind === "felt" && note) return h("td", { ...at, cls: "cxw-map-felt" }, felt(lane, i, map), note);
  if (note) return h("td", at, note);
  if (lane.kind === "felt") return h("td", { ...at, cls: "cxw-map-felt" }, felt(lane, i, map), point(lane, cell, i, key, map));
  const tone = ["good", "warn", "bad"].includes(cell.tone) ? cell.tone : "plain";
  const main = lane.kind === "badge" ? h("span", { cls: `cxw-map-badge cxw-tone-${tone}` }, cell.text) : h("span", { cls: "cxw-map-big" }, cell.text);
  return h("td", at, number(map, "stages", cell, key, "cxw-map-number", main, cell.small && h("span", { cls: "cxw-map-small" }, cell.small)));
}

// -- touchpoints: how many, and by which channels
function card(one, stage, map) {
  const layer = ["mined", "planned"].includes(one.layer) ? one.layer : "both";
  const fill = within(one.fill, 0, 1);
  const mix = one.mix?.length ? one.mix : [{ channel: -1, share: 1 }];
  const bar = h(
    "span",
    { cls: "cxw-map-bar", "aria-hidden": "true" },
    mix.map((part) => h("i", { cls: part.channel < 0 ? "cxw-hue-0" : hue(part.channel), style: `width:${(100 * fill * within(part.share, 0, 1)).toFixed(2)}%` })),
  );
  const said = mix.filter((part) => part.channel >= 0).map((part) => `${map.canvas.channels[part.channel]?.name ?? ""} ${map.percent.format(within(part.share, 0, 1))}`);
  const small = one.small && h("span", { cls: "cxw-map-small" }, one.small);
  const inside = [h("span", { cls: "cxw-map-line" }, h("span", { cls: "cxw-map-name" }, one.name), h("span", { cls: "cxw-map-figure" }, one.figure)), bar, small, unseen(said.join(", "))];
  // without a plan nothing can be unplanned
  const look = layer === "both" || (layer === "mined" && !map.planned) ? "" : ` cxw-map-${layer}`;
  return h("li", { cls: `cxw-map-card${look}`, "data-card": one.key }, number(map, "frame", one, `card ${one.key}`, "cxw-map-face", inside), map.options.tools?.(one, stage));
}

// -- what was felt: each cell draws its part of the line, from half way to its neighbours; columns are equally wide, so the parts meet
const high = (lane, value) => {
  const [low, top] = lane.scale ?? [-100, 100];
  return FELT.top + FELT.room * (1 - within((value - low) / (top - low || 1), 0, 1));
};
const valueAt = (lane, i, { canvas }) => {
  const cell = canvas.stages[i] && canvas.cells[lane.key]?.[canvas.stages[i].key];
  return cell && Number.isFinite(cell.value) ? cell : null;
};
const s = (tag, values) => {
  const node = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(values)) node.setAttribute(name, String(value));
  return node;
};

function felt(lane, i, map) {
  const here = valueAt(lane, i, map);
  const svg = s("svg", { viewBox: `0 0 100 ${FELT.height}`, preserveAspectRatio: "none", "aria-hidden": "true" });
  const [low, top] = lane.scale ?? [-100, 100];
  if (low < 0 && top > 0) svg.append(s("line", { x1: 0, x2: 100, y1: high(lane, 0), y2: high(lane, 0), class: "cxw-felt-zero" }));
  if (!here) return svg;
  const ends = [[i - 1, 0], [i + 1, 100]].map(([j, x]) => [valueAt(lane, j, map), x]).filter(([other]) => other);
  const bounded = (one) => Number.isFinite(one.low) && Number.isFinite(one.high);
  for (const [other, x] of ends) {
    const half = (name) => (high(lane, here[name]) + high(lane, other[name])) / 2;
    if (bounded(here) && bounded(other)) svg.append(s("polygon", { points: `50,${high(lane, here.high)} ${x},${half("high")} ${x},${half("low")} 50,${high(lane, here.low)}`, class: "cxw-felt-band" }));
    svg.append(s("line", { x1: 50, y1: high(lane, here.value), x2: x, y2: half("value"), class: "cxw-felt-line" }));
  }
  if (bounded(here)) svg.append(s("line", { x1: 50, x2: 50, y1: high(lane, here.low), y2: high(lane, here.high), class: "cxw-felt-whisker" }));
  // a line of no length with round ends: a dot that keeps its shape however wide the column is
  const dot = { x1: 50, x2: 50, y1: high(lane, here.value), y2: high(lane, here.value) };
  svg.append(s("line", { ...dot, class: "cxw-felt-ring" }), s("line", { ...dot, class: here.value < 0 && low < 0 ? "cxw-felt-dot cxw-felt-below" : "cxw-felt-dot" }));
  return svg;
}

function point(lane, cell, i, key, map) {
  if (!Number.isFinite(cell.value)) return number(map, "stages", cell, key, "cxw-map-number", cell.text);
  const others = [i - 1, i + 1].map((j) => valueAt(lane, j, map)).filter(Boolean);
  const under = others.length > 0 && others.every((one) => one.value > cell.value); // a low point is written under the line
  const y = under ? high(lane, Math.min(cell.value, cell.low ?? cell.value)) + 4 : high(lane, Math.max(cell.value, cell.high ?? cell.value)) - 28;
  const node = number(map, "stages", cell, key, "cxw-map-number", h("b", {}, cell.text), cell.spread && h("span", { cls: "cxw-map-small" }, cell.spread));
  node.style.top = `${y.toFixed(1)}px`;
  return node;
}

// -- words: what the plan says, and what people have noted
function readWords(cell) {
  return [plannedWords(cell), cell.notes?.length > 0 && h("ul", { cls: "cxw-map-notes" }, cell.notes.map((one) => h("li", { cls: "cxw-map-note" }, noteText(one))))];
}
const plannedWords = (cell) => cell.planned && h("p", { cls: "cxw-map-planned-text" }, cell.planned);
const noteText = (one) => [h("p", {}, one.text), h("p", { cls: "cxw-map-small" }, [one.author, one.when].filter(Boolean).join(" · "))];
