function render(context) {
  const { model } = context;
  return live(context, "cxw-picked", (root) => {
    const open = model.get("picked");
    root.append(
      h(
        "div",
        { cls: "cxw-row cxw-between" },
        h("h2", {}, label(model, "title")),
        open && h("button", { cls: "cxw-icon-btn", type: "button", "data-key": "close", "aria-label": label(model, "close"), title: label(model, "close"), onclick: () => say(model, "close") }, icon(ICONS.close)),
      ),
      h(
        "div",
        { role: "status" },
        open && h("p", { cls: "cxw-picked-name" }, model.get("title")),
        model.get("count") && h("p", { cls: "cxw-muted" }, model.get("count")),
        model.get("message") && h("p", {}, model.get("message")),
      ),
    );
  }).stop;
}
export default { render };
