function render(context) {
  const { model } = context;
  return live(context, "cxw-card cxw-explain", (root) => {
    const id = uid();
    const sentences = model.get("sentences");
    root.append(h("h2", { id }, label(model, "title")));
    if (sentences.length) root.append(h("ol", { "aria-labelledby": id }, sentences.map((one) => h("li", {}, one))));
    else root.append(h("p", { cls: "cxw-muted" }, label(model, "empty")));
  }).stop;
}
export default { render };
