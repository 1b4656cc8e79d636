// Shared by all views. Text reaches the page only as text nodes and attributes.
const SVG = "http://www.w3.org/2000/svg";

function h(tag, props = {}, ...kids) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (name === "value" || name === "checked" || name === "selected" || name === "disabled") node[name] = value;
    else node.setAttribute(name === "cls" ? "class" : name, value === true ? "" : String(value));
  }
  for (const kid of kids.flat(9)) {
    if (kid === undefined || kid === null || kid === false) continue;
    node.append(kid instanceof Node ? kid : document.createTextNode(String(kid)));
  }
  return node;
}

function icon(path) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 16 16");
  svg.setAttribute("class", "cxw-icon");
  svg.setAttribute("aria-hidden", "true");
  const line = document.createElementNS(SVG, "path");
  line.setAttribute("d", path);
  svg.append(line);
  return svg;
}
const ICONS = {
  close: "M4 4l8 8M12 4l-8 8",
  up: "M8 13V3M4 7l4-4 4 4",
  down: "M8 3v10M4 9l4 4 4-4",
  plus: "M8 3v10M3 8h10",
};

let made = 0;
const uid = () => `cxw-${Date.now().toString(36)}-${++made}`;

// Draws now and on every change; the focused control (by data-key) and its caret stay where they were.
function live({ model, el }, className, draw) {
  const root = h("div", { cls: className });
  el.classList.add("cxw-view");
  el.append(root);
  let waiting = false;
  const again = () => {
    waiting = false;
    const held = document.activeElement;
    const key = root.contains(held) ? held.dataset.key : undefined;
    const caret = key && held.selectionStart !== undefined && held.type === "text" ? [held.selectionStart, held.selectionEnd, held.value] : null;
    root.replaceChildren();
    draw(root);
    if (key) {
      const next = [...root.querySelectorAll("[data-key]")].find((one) => one.dataset.key === key);
      if (next && !next.disabled) {
        next.focus({ preventScroll: true });
        if (caret && next.type === "text") {
          next.value = caret[2];
          next.setSelectionRange(caret[0], caret[1]);
        }
      } else {
        const first = root.querySelector("[data-fallback]") || root.querySelector("button:not([disabled]), input, select");
        if (first) first.focus({ preventScroll: true });
      }
    }
  };
  const soon = () => {
    if (!waiting) {
      waiting = true;
      queueMicrotask(again);
    }
  };
  model.on("change", soon);
  again();
  return { root, again: soon, stop: () => model.off("change", soon) };
}

const say = (model, type, values = {}, buffers) => model.send({ type, ...values }, undefined, buffers);
const label = (model, key) => model.get("labels")[key] ?? "";
