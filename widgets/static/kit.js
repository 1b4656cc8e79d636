// Shared by all views, after elements.js.
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
const uid = () => `cxw-${Date.now().toString(36)}-${++made}-${Math.random().toString(36).slice(2, 8)}`;

// Draws now and on every change; the focused control (by data-key) and its caret stay where they were. While a button is held
// down nothing is redrawn: a click whose button was replaced meanwhile would be lost without a word.
function live({ model, el }, className, draw) {
  const root = h("div", { cls: className });
  el.classList.add("cxw-view");
  el.append(root);
  let waiting = false;
  let held = false;
  const again = () => {
    waiting = held;
    if (held) return;
    const active = document.activeElement;
    const key = root.contains(active) ? active.dataset.key : undefined;
    const caret = key && active.selectionStart !== undefined && active.type === "text" ? [active.selectionStart, active.selectionEnd, active.value] : null;
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
  const hold = (event) => (held = (event.type !== "keydown" || event.key === " ") && !event.target.closest(FREE));
  const release = () => {
    if (!held) return;
    held = false;
    setTimeout(() => waiting && again()); // after the click that follows
  };
  for (const name of HOLDS) root.addEventListener(name, hold, true);
  for (const name of RELEASES) window.addEventListener(name, release, true);
  model.on("change", soon);
  again();
  const stop = () => {
    model.off("change", soon);
    for (const name of RELEASES) window.removeEventListener(name, release, true);
  };
  return { root, again, stop };
}
const HOLDS = ["pointerdown", "keydown"];
const RELEASES = ["pointerup", "pointercancel", "keyup", "blur"];
const FREE = "select, textarea, input:not([type=checkbox], [type=radio], [type=range])"; // written in, or let go without the page hearing of it

// Brings a view into sight when its page shows it, in one step: what is still moving can't be clicked reliably.
function comesIntoSight(el) {
  let seen = true;
  const room = new ResizeObserver(() => {
    if (el.style.display === "none") seen = false;
    else if (!seen && el.offsetHeight) {
      seen = true;
      el.firstElementChild.scrollIntoView({ block: "start" });
    }
  });
  room.observe(el);
  return () => room.disconnect();
}

const label = (model, key) => model.get("labels")[key] ?? "";

// What was said and not yet heard. A connection that breaks may take a message with it: once there is one again, everything that
// Python has not answered for is said again, and Python drops what it has had (view.py). Shared by all views of a page.
const line = (globalThis[Symbol.for("cxw.line")] ??= { open: new Set(), calls: new Set(), kernels: new WeakSet() });

function follow(model) {
  const kernel = model.widget_manager?.kernel;
  if (!kernel?.connectionStatusChanged) return false;
  if (line.kernels.has(kernel)) return true;
  line.kernels.add(kernel);
  kernel.connectionStatusChanged.connect((_, status) => {
    if (status !== "connected") return;
    for (const one of line.open) utter(one);
    for (const call of line.calls) call();
  });
  return true;
}
// Calls whenever a connection that was lost is there again.
function onReturn(model, call) {
  follow(model);
  line.calls.add(call);
  return () => line.calls.delete(call);
}
function utter(one) {
  if ((one.model.widget_manager?.kernel?.connectionStatus ?? "connected") !== "connected") return; // later, by `follow`
  const heard = (message) => message.content.execution_state === "idle" && line.open.delete(one);
  one.model.send(one.content, { iopub: { status: heard } }, one.buffers);
}
function say(model, type, values = {}, buffers) {
  const one = { model, content: { type, ...values, said: uid() }, buffers };
  if (follow(model)) line.open.add(one);
  utter(one);
}
