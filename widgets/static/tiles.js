function render(context) {
  const { model } = context;
  return live(context, "cxw-card cxw-tiles", (root) => {
    root.append(
      h("h2", {}, model.get("title")),
      model.get("text") ? h("p", {}, model.get("text")) : "",
      h("dl", { cls: "cxw-stat" }, model.get("tiles").map((one) => h("div", {}, h("dt", {}, one.label), h("dd", {}, one.value)))),
      model.get("links").length ? h("div", { cls: "cxw-row cxw-links" }, model.get("links").map((one) => h("a", { cls: "cxw-btn", href: one.href }, one.label))) : "",
    );
  }).stop;
}
export default { render };
