// One journey as a picture: its stages side by side (below one another where it is narrow), the touchpoints along a line.
function render(context) {
  const { model } = context;
  const step = (one) =>
    h("li", { cls: "cxw-way-step" }, h("strong", {}, one.touchpoint), h("span", { cls: "cxw-chip" }, one.channel), h("span", { cls: "cxw-hint" }, one.when));
  return live(context, "cxw-card cxw-example", (root) => {
    root.append(
      h("h2", {}, label(model, "title")),
      h("p", { cls: "cxw-example-text" }, model.get("sentences").join(" ")),
      h(
        "figure",
        {},
        h(
          "ol",
          { cls: "cxw-way" },
          model.get("stages").map((stage) => h("li", { cls: "cxw-way-stage", style: `flex-grow:${stage.steps.length}` }, h("h3", {}, stage.name), h("ol", {}, stage.steps.map(step)))),
        ),
        h("figcaption", { cls: "cxw-hint" }, model.get("caption")),
      ),
    );
  }).stop;
}
export default { render };
