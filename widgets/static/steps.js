// An ordered list of touchpoints: add, remove, move up and down, each by a button that the keyboard reaches.
function render(context) {
  const { model } = context;
  return live(context, "cxw-steps", (root) => {
    const steps = model.get("steps");
    const send = (next) => say(model, "steps", { value: next });
    const swapped = (i, j) => steps.map((one, k) => (k === i ? steps[j] : k === j ? steps[i] : one));
    const small = (key, shape, what, step, off, call) =>
      h(
        "button",
        { cls: "cxw-icon-btn", type: "button", "data-key": key, disabled: off, "aria-label": `${label(model, what)}: ${step}`, title: label(model, what), onclick: call },
        icon(ICONS[shape]),
      );
    const full = steps.length >= model.get("most");
    root.append(
      h("span", { cls: "cxw-field-name" }, label(model, "title")),
      h(
        "ol",
        { "aria-label": label(model, "title") },
        steps.map((step, i) =>
          h(
            "li",
            {},
            h("span", { cls: "cxw-step-n", "aria-hidden": "true" }, i + 1),
            h("span", { cls: "cxw-step-name" }, step),
            small(`up ${step}`, "up", "earlier", step, i === 0, () => send(swapped(i, i - 1))),
            small(`down ${step}`, "down", "later", step, i === steps.length - 1, () => send(swapped(i, i + 1))),
            small(`drop ${i}`, "close", "remove", step, steps.length <= model.get("least"), () => send(steps.filter((_, k) => k !== i))),
          ),
        ),
      ),
      h(
        "label",
        { cls: "cxw-field" },
        h("span", { cls: "cxw-offscreen" }, label(model, "add")),
        h(
          "select",
          {
            cls: "cxw-select", "data-key": "add", "data-fallback": true, disabled: full,
            onchange: (event) => event.target.value && send([...steps, event.target.value]),
          },
          h("option", { value: "" }, label(model, "add")),
          model.get("options").filter((one) => !steps.includes(one)).map((one) => h("option", { value: one }, one)),
        ),
      ),
    );
  }).stop;
}
export default { render };
