// Files are made in Python on request and come in acknowledged pieces; they are saved by a blob's address.
function render(context) {
  const { model } = context;
  let pieces = null;
  let saved = null; // id of the file saved last
  const view = live(context, "cxw-download", (root) => {
    root.append(
      h("span", { cls: "cxw-field-name" }, label(model, "title")),
      h(
        "div",
        { cls: "cxw-row", role: "group", "aria-label": label(model, "title") },
        model.get("items").map((one) =>
          h("button", { cls: "cxw-btn", type: "button", "data-key": one.id, disabled: model.get("busy"), title: one.hint, onclick: () => say(model, "get", { item: one.id }) }, one.label),
        ),
      ),
      h("span", { cls: "cxw-muted", role: "status" }, model.get("note")),
    );
  });
  const message = (content, buffers) => {
    if (content.type === "begin" && content.id !== saved) pieces = { ...content, got: [] };
    if (content.type === "piece" && pieces && content.id === pieces.id && content.index === pieces.got.length) {
      pieces.got.push(buffers[0]);
      if (content.last) {
        const url = URL.createObjectURL(new Blob(pieces.got, { type: pieces.mime }));
        const link = h("a", { href: url, download: pieces.name });
        document.body.append(link);
        link.click();
        link.remove();
        setTimeout(() => URL.revokeObjectURL(url), 10000);
        saved = pieces.id;
        pieces = null;
      }
      say(model, "got", { id: content.id, index: content.index });
    }
  };
  model.on("msg:custom", message);
  const rest = onReturn(model, () => say(model, "where"));
  const lead = () => {
    const first = view.root.querySelector("button");
    if (!first) return;
    first.scrollIntoView({ block: "center" });
    first.focus();
  };
  if (model.get("main")) {
    window.addEventListener("cxw:export", lead);
    window.dispatchEvent(new CustomEvent("cxw:export-ready"));
  }
  return () => {
    window.removeEventListener("cxw:export", lead);
    rest();
    view.stop();
    model.off("msg:custom", message);
  };
}
export default { render };
