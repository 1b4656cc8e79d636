function render(context) {
  const { model } = context;
  return live(context, "cxw-card cxw-tiles", (root) => {
    // the address belongs to the page only where it is served
    const choices = document.body.dataset.voila ? model.get("choices") : [];
    root.append(
      choices.length
        ? h("nav", { cls: "cxw-companies", "aria-label": label(model, "choices") }, choices.map((one) =>
            h("a", { href: one.href, "data-key": one.href, "aria-current": one.on ? "true" : null },
              h("strong", {}, one.name), one.kind ? h("span", { cls: "cxw-kind" }, one.kind) : "", one.asks ? h("span", {}, one.asks) : "")))
        : "",
      model.get("title") ? h("h2", {}, model.get("title")) : "",
      model.get("text") ? h("p", {}, model.get("text")) : "",
      h("dl", { cls: "cxw-stat" }, model.get("tiles").map((one) => h("div", {}, h("dt", {}, one.label), h("dd", {}, one.value)))),
      model.get("links").length ? h("div", { cls: "cxw-row cxw-links" }, model.get("links").map((one) => h("a", { cls: "cxw-btn", href: one.href }, one.label))) : "",
    );
  }).stop;
}
export default { render };
