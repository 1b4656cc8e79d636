// The one host of all charts. The Vega bundle comes once a page: packed bytes of one model, unpacked and imported once.
const SHARED = Symbol.for("cxw.vega");

function bundle(model) {
  globalThis[SHARED] ??= (async () => {
    const source = await model.widget_manager.get_model(model.get("bundle"));
    if (!source.get("packed")?.byteLength) {
      const come = new Promise((ready) => source.once("change:packed", ready));
      const ask = () => say(model, "bundle");
      const rest = onReturn(model, ask);
      ask();
      await come;
      rest();
    }
    const packed = new Blob([source.get("packed")]).stream().pipeThrough(new DecompressionStream("deflate"));
    const text = await new Response(packed).text();
    const url = URL.createObjectURL(new Blob([text], { type: "text/javascript" }));
    try {
      return (await import(url)).default;
    } finally {
      URL.revokeObjectURL(url);
    }
  })();
  return globalThis[SHARED];
}

function dark() {
  const set = document.documentElement.dataset.theme;
  if (set === "dark" || set === "light") return set === "dark";
  const lab = document.body.dataset.jpThemeLight;
  if (lab !== undefined && lab !== "") return lab === "false";
  return matchMedia("(prefers-color-scheme: dark)").matches;
}

// The row behind an item of the picture; null where there is none.
function row(item) {
  const found = item?.datum?.row ?? item?.datum?.datum?.row;
  return Number.isInteger(found) ? found : null;
}

// The marks that open customers, in the order of the table: of each row the one that says what it is, else the first, which is
// told what its tooltip says.
function opening(picture) {
  const marks = new Map();
  for (const node of [...picture.querySelectorAll("[role=graphics-symbol]"), ...picture.querySelectorAll("path")]) {
    const item = node.__data__; // where Vega keeps a node's item
    const found = row(item);
    if (found === null || marks.has(found)) continue;
    const told = Object.entries(item.tooltip ?? {}).filter(([, value]) => value);
    if (!node.hasAttribute("aria-label")) node.setAttribute("aria-label", told.map(([name, value]) => `${name}: ${value}`).join(", "));
    if (!node.hasAttribute("role")) node.setAttribute("role", "graphics-symbol");
    node.closest("[aria-hidden=true]")?.removeAttribute("aria-hidden"); // what takes the focus is not hidden
    node.setAttribute("tabindex", "-1");
    marks.set(found, node);
  }
  return [...marks].sort(([a], [b]) => a - b).map(([, node]) => node);
}

// What a mouse does, done to a mark by the keyboard: Vega answers as it does to the mouse, with its tooltip and the pick.
function touch(mark, ...kinds) {
  const { left, top, width, height } = mark.getBoundingClientRect();
  const at = { bubbles: true, clientX: left + width / 2, clientY: top + height / 2 };
  for (const kind of kinds) mark.dispatchEvent(new (kind.startsWith("pointer") ? PointerEvent : MouseEvent)(kind, at));
}

function render({ model, el }) {
  el.classList.add("cxw-view");
  const place = h("div", { cls: "cxw-chart-place" });
  const note = h("p", { cls: "cxw-muted", role: "status" });
  const keys = h("p", { cls: "cxw-muted cxw-hint cxw-chart-keys", id: uid() });
  const figure = h("div", { cls: "cxw-chart", role: "group", tabindex: "0" }, place, note, keys);
  el.append(figure);
  let marks = [];
  let shown = null;
  let turn = 0;
  let unseen = false; // drawn while hidden, as wide as a place of no width: to be drawn again once it shows

  // a picture wider than its place scrolls: the edge behind which there is more fades
  const edges = () => {
    figure.toggleAttribute("data-before", figure.scrollLeft > 1);
    figure.toggleAttribute("data-after", figure.scrollLeft + figure.clientWidth < figure.scrollWidth - 1);
  };
  figure.addEventListener("scroll", edges, { passive: true });

  // one stop of Tab for the whole picture; the arrow keys go from mark to mark
  figure.addEventListener("keydown", (event) => {
    const at = marks.indexOf(document.activeElement);
    const to = { ArrowRight: at + 1, ArrowDown: at + 1, ArrowLeft: at - 1, ArrowUp: at - 1, Home: 0, End: marks.length - 1 }[event.key];
    if (event.altKey || event.ctrlKey || event.metaKey || !marks.length) return;
    if (to !== undefined) marks[Math.max(0, Math.min(to, marks.length - 1))].focus();
    else if (at >= 0 && (event.key === "Enter" || event.key === " ")) touch(marks[at], "click");
    else if (at >= 0 && event.key === "Escape") figure.focus();
    else return;
    event.preventDefault();
  });
  figure.addEventListener("focusin", (event) => marks.includes(event.target) && touch(event.target, "pointerover", "mouseover", "pointermove", "mousemove"));
  figure.addEventListener("focusout", (event) => marks.includes(event.target) && touch(event.target, "pointerout", "mouseout"));
  const explain = () => {
    keys.textContent = label(model, marks.length ? "keys" : "no_keys");
    figure.setAttribute("aria-describedby", keys.id);
  };

  async function draw() {
    const spec = model.get("spec");
    const mine = ++turn;
    figure.setAttribute("aria-label", model.get("described"));
    if (!spec || !Object.keys(spec).length) {
      shown?.finalize();
      shown = null;
      marks = [];
      place.replaceChildren();
      return;
    }
    try {
      if (!shown) note.textContent = label(model, "loading");
      const embed = await bundle(model);
      if (mine !== turn) return;
      const next = h("div", { cls: "cxw-chart-inner" });
      next.style.visibility = "hidden";
      next.style.minWidth = `${Number(spec.usermeta?.min_width) || 0}px`;
      if (typeof spec.width === "number") next.dataset.drawn = "";
      place.append(next);
      unseen = !figure.clientWidth;
      const config = model.get("configs")[dark() ? "dark" : "light"] ?? {};
      const made = await embed(next, structuredClone(spec), { actions: false, renderer: "svg", config, tooltip: { theme: dark() ? "dark" : "light" } });
      if (mine !== turn) {
        made.finalize();
        next.remove();
        return;
      }
      const held = marks.indexOf(document.activeElement);
      shown?.finalize();
      shown = made;
      place.replaceChildren(next);
      next.style.visibility = "";
      marks = opening(next);
      if (held >= 0) (marks[held] ?? figure).focus({ preventScroll: true });
      explain();
      edges();
      note.textContent = "";
      made.view.addEventListener("click", (_event, item) => row(item) !== null && say(model, "pick", { row: row(item) }));
      made.view.addEventListener("mouseover", (_event, item) => (next.style.cursor = row(item) === null ? "" : "pointer"));
    } catch (error) {
      console.warn(error);
      note.textContent = label(model, "failed");
    }
  }

  const watch = new MutationObserver(draw);
  watch.observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme"] });
  watch.observe(document.body, { attributes: true, attributeFilter: ["data-jp-theme-light"] });
  const scheme = matchMedia("(prefers-color-scheme: dark)");
  scheme.addEventListener("change", draw);
  // pictures are drawn for the room they have: Python hears of it and sends another one
  let width = 0;
  const room = new ResizeObserver(() => {
    if (unseen && figure.clientWidth) draw();
    edges();
    if (!figure.clientWidth || Math.abs(figure.clientWidth - width) < 24) return;
    width = figure.clientWidth;
    say(model, "room", { width });
  });
  room.observe(figure);
  model.on("change:spec", draw);
  model.on("change:configs", draw);
  model.on("change:labels", explain);
  draw();
  return () => {
    watch.disconnect();
    room.disconnect();
    scheme.removeEventListener("change", draw);
    model.off("change:spec", draw);
    model.off("change:configs", draw);
    model.off("change:labels", explain);
    shown?.finalize();
  };
}
export default { render };
