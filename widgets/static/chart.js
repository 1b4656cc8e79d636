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

function render({ model, el }) {
  el.classList.add("cxw-view");
  const place = h("div", { cls: "cxw-chart-place" });
  const note = h("p", { cls: "cxw-muted", role: "status" });
  const figure = h("div", { cls: "cxw-chart", role: "group", tabindex: "0" }, place, note);
  el.append(figure);
  let shown = null;
  let turn = 0;
  let unseen = false; // drawn while hidden, as wide as a place of no width: to be drawn again once it shows

  // a picture wider than its place scrolls: the edge behind which there is more fades
  const edges = () => {
    figure.toggleAttribute("data-before", figure.scrollLeft > 1);
    figure.toggleAttribute("data-after", figure.scrollLeft + figure.clientWidth < figure.scrollWidth - 1);
  };
  figure.addEventListener("scroll", edges, { passive: true });

  async function draw() {
    const spec = model.get("spec");
    const mine = ++turn;
    figure.setAttribute("aria-label", model.get("described"));
    if (!spec || !Object.keys(spec).length) {
      shown?.finalize();
      shown = null;
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
      shown?.finalize();
      shown = made;
      place.replaceChildren(next);
      next.style.visibility = "";
      edges();
      note.textContent = "";
      const row = (item) => {
        const found = item?.datum?.row ?? item?.datum?.datum?.row;
        return Number.isInteger(found) ? found : null;
      };
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
  draw();
  return () => {
    watch.disconnect();
    room.disconnect();
    scheme.removeEventListener("change", draw);
    model.off("change:spec", draw);
    model.off("change:configs", draw);
    shown?.finalize();
  };
}
export default { render };
