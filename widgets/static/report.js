function render(context) {
  const { model, el } = context;
  const view = live(context, "cxw-card cxw-report", (root) => {
    const list = (title, items, cls) => (items.length ? [h("h3", {}, title), h("ul", { cls }, items.map((one) => h("li", {}, one)))] : []);
    const [first, ...rest] = model.get("outcome");
    root.append(
      h("h2", {}, first ?? ""),
      ...rest.map((one) => h("p", {}, one)),
      ...list(label(model, "problems"), model.get("problems"), "cxw-problem-list"),
      h("div", { cls: "cxw-row cxw-links" }, model.get("links").map((one) => h("a", { cls: "cxw-btn cxw-primary", href: one.href }, one.label))),
      model.get("code") ? h("pre", { tabindex: "0", "aria-label": label(model, "code") }, h("code", {}, model.get("code"))) : "",
    );
  });
  const rest = comesIntoSight(el);
  return () => {
    rest();
    view.stop();
  };
}
export default { render };
