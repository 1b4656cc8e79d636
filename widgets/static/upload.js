// One file in pieces of 512 KiB; the next piece is sent when Python has acknowledged the one before.
const PIECE = 512 * 1024;

function render(context) {
  const { model } = context;
  const id = uid();
  let file = null;
  let token = 0;
  let problem = "";
  let taken = 0;

  const begin = (chosen) => {
    problem = "";
    if (!chosen) return;
    if (chosen.size > model.get("limit")) {
      problem = label(model, "too_large");
      view.again();
      return;
    }
    file = chosen;
    taken = 0;
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
      if (taken < file.size) piece(taken);
      else file = null;
    } else if (content.type === "refused") {
      file = null;
      problem = content.message;
    }
    const bar = view.root.querySelector(".cxw-progress i");
    if (bar && file) bar.style.width = `${Math.round((100 * taken) / file.size)}%`;
    else view.again();
  };

  const view = live(context, "cxw-upload", (root) => {
    const input = h("input", {
      type: "file", id: `${id}-file`, cls: "cxw-file", "data-key": "file", accept: model.get("accept"), disabled: !!file, "aria-describedby": `${id}-help`,
      onchange: (event) => begin(event.target.files[0]),
    });
    root.append(
      h(
        "div",
        {
          cls: "cxw-drop",
          ondragover: (event) => event.preventDefault(),
          ondrop: (event) => {
            event.preventDefault();
            if (!file) begin(event.dataTransfer.files[0]);
          },
        },
        h("label", { for: `${id}-file`, cls: "cxw-drop-title" }, label(model, "title")),
        input,
        h("p", { id: `${id}-help`, cls: "cxw-muted cxw-hint" }, label(model, "help")),
        file && [
          h("div", { cls: "cxw-progress", role: "progressbar", "aria-label": file.name, "aria-valuemin": "0", "aria-valuemax": "100" }, h("i", { style: `width:${Math.round((100 * taken) / Math.max(1, file.size))}%` })),
          h("button", { cls: "cxw-btn", type: "button", "data-key": "stop", onclick: stop }, label(model, "cancel")),
        ],
        problem && h("p", { cls: "cxw-problem", role: "alert" }, problem),
      ),
    );
  });
  model.on("msg:custom", message);
  return () => {
    view.stop();
    model.off("msg:custom", message);
  };
}
export default { render };
