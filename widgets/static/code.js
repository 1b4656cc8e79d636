function render(context) {
  const { model } = context;
  const root = live(context, "cxw-code", (root) => {
    root.append(h("h2", {}, label(model, "title")));
    if (!model.get("code")) return;
    const told = h("span", { cls: "cxw-muted", role: "status" });
    const tell = (done) => (told.textContent = label(model, done ? "copied" : "not_copied"));
    root.append(
      h("pre", { tabindex: "0", "aria-label": label(model, "title") }, h("code", {}, model.get("code"))),
      h(
        "div",
        { cls: "cxw-row" },
        h("button", { cls: "cxw-btn", type: "button", "data-key": "copy", onclick: () => copy(model.get("code")).then(tell) }, label(model, "copy")),
        // in JupyterLab the address is JupyterLab's own and holds no state of ours
        document.body.dataset.voila && h("button", { cls: "cxw-btn", type: "button", "data-key": "link", onclick: () => copy(location.href).then(tell) }, label(model, "link")),
        told,
      ),
    );
  });
  return root.stop;
}

async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    // no clipboard on plain http: the old way
    const area = h("textarea", { cls: "cxw-offscreen", "aria-hidden": "true", value: text });
    document.body.append(area);
    area.select();
    const done = document.execCommand("copy");
    area.remove();
    return done;
  }
}
export default { render };
