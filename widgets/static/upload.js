// One file in pieces of 512 KiB; the next piece is sent when Python has acknowledged the one before.
const PIECE = 512 * 1024;

function render(context) {
  const { model } = context;
  const id = uid();
  let file = null;
  let token = 0;
  let problem = ""; // what was wrong with it, as the key of a label
  let taken = 0;
  let asked = -1; // offset of the piece sent last
  let name = ""; // of the file chosen last
  let over = 0; // elements of the box that a dragged file is over

  const begin = (chosen) => {
    if (!chosen) return;
    problem = "";
    name = chosen.name;
    if (chosen.size > model.get("limit")) {
      problem = "too_large";
      view.again();
      return;
    }
    file = chosen;
    taken = 0;
    asked = -1;
    token = Math.floor(Math.random() * 2 ** 31);
    say(model, "begin", { id: token, name: file.name.slice(-180), size: file.size });
    view.again();
  };
  const stop = () => {
    file = null;
    say(model, "stop", { id: token });
    view.again();
  };
  const piece = async (offset) => {
    const mine = token;
    const buffer = await file.slice(offset, offset + PIECE).arrayBuffer();
    if (mine === token && file) say(model, "piece", { id: mine, offset }, [buffer]);
  };
  const message = (content) => {
    if (content.id !== token || !file) return;
    if (content.type === "more") {
      taken = content.offset;
      if (taken >= file.size) file = null;
      else if (taken > asked) piece((asked = taken)); // else it was answered twice, after a broken connection
    } else if (content.type === "refused") {
      file = null;
      problem = content.why;
    }
    const bar = view.root.querySelector(".cxw-progress i");
    if (bar && file) bar.style.width = `${Math.round((100 * taken) / file.size)}%`;
    else view.again();
  };

  const view = live(context, "cxw-upload", (root) => {
    // the browser's own control speaks its own language: it stays for keyboard and screen readers, the label is what is seen
    const input = h("input", {
      type: "file", id: `${id}-file`, cls: "cxw-file-input", "data-key": "file", accept: model.get("accept"), disabled: !!file, "aria-describedby": `${id}-name ${id}-help`,
      onchange: (event) => begin(event.target.files[0]),
    });
    const box = (event, by) => {
      event.preventDefault();
      over = Math.max(0, over + by);
      root.firstChild.classList.toggle("cxw-over", over > 0 && !file);
    };
    over = 0;
    root.append(
      h(
        "div",
        {
          cls: "cxw-drop",
          ondragenter: (event) => box(event, 1),
          ondragleave: (event) => box(event, -1),
          ondragover: (event) => event.preventDefault(),
          ondrop: (event) => {
            box(event, -over);
            if (!file) begin(event.dataTransfer.files[0]);
          },
        },
        h("h2", { cls: "cxw-drop-title" }, label(model, "title")),
        h(
          "div",
          { cls: "cxw-file" },
          input,
          h("label", { for: `${id}-file`, cls: "cxw-btn cxw-primary" }, label(model, "choose")),
          h("span", { cls: "cxw-muted" }, label(model, "drop")),
        ),
        h("p", { id: `${id}-name`, cls: name ? "cxw-file-name" : "cxw-file-name cxw-muted", "aria-live": "polite" }, name || label(model, "none")),
        h("p", { id: `${id}-help`, cls: "cxw-muted cxw-hint" }, label(model, "help")),
        file && [
          h("div", { cls: "cxw-progress", role: "progressbar", "aria-label": file.name, "aria-valuemin": "0", "aria-valuemax": "100" }, h("i", { style: `width:${Math.round((100 * taken) / Math.max(1, file.size))}%` })),
          h("button", { cls: "cxw-btn", type: "button", "data-key": "stop", onclick: stop }, label(model, "cancel")),
        ],
        problem && h("p", { cls: "cxw-problem", role: "alert" }, label(model, problem)),
      ),
    );
  });
  model.on("msg:custom", message);
  const rest = onReturn(model, () => file && say(model, "where", { id: token }));
  return () => {
    rest();
    view.stop();
    model.off("msg:custom", message);
  };
}
export default { render };
