const FAR = 6; // px that a pointer goes before it drags

// Dragging by a pointer: cards by a mouse wherever it takes them, by a finger at their grip (elsewhere a finger scrolls), notes at their
// grip, since their text can be marked. `drop(item, {stage, lane, index})` once it is let go over a cell that takes it.
function pointing(root, drop) {
  let drag = null;
  const mark = h("li", { cls: "cxw-map-mark", "aria-hidden": "true" });
  const down = (event) => {
    const item = event.target.closest("[data-card], [data-note]");
    if (!item || event.button !== 0 || !event.isPrimary || event.target.closest(".cxw-map-menu")) return;
    if ((event.pointerType === "touch" || item.dataset.note !== undefined) && !event.target.closest(".cxw-map-grip")) return;
    drag = { item, x: event.clientX, y: event.clientY, pointer: event.pointerId, ghost: null, to: null };
  };
  const over = (x, y) => {
    const card = drag.item.dataset.card !== undefined;
    const inside = (cell) => {
      const box = cell.getBoundingClientRect();
      const spare = card ? 60 : 0; // a card may be let go a little above or below its row
      return x >= box.left && x < box.right && y >= box.top - spare && y < box.bottom + spare;
    };
    const cell = [...root.querySelectorAll(`[data-drop=${card ? "cards" : "words"}]`)].find(inside);
    if (!cell) return null;
    const others = [...cell.querySelectorAll("[data-card]")].filter((one) => one !== drag.item);
    const isBefore = ({ left, right, top, height }) => right + 10 < x || (left < x + 10 && top + height / 2 < y); // a column before, or above
    const before = others.filter((one) => isBefore(one.getBoundingClientRect()));
    return { cell, next: others[before.length] ?? null, stage: cell.dataset.stage, lane: cell.dataset.lane, index: before.length };
  };
  const move = (event) => {
    if (!drag || event.pointerId !== drag.pointer) return;
    const { item, x, y } = drag;
    if (!drag.ghost) {
      if (Math.hypot(event.clientX - x, event.clientY - y) < FAR) return;
      const box = item.getBoundingClientRect();
      drag.ghost = item.cloneNode(true);
      drag.ghost.classList.add("cxw-map-ghost");
      drag.ghost.setAttribute("aria-hidden", "true");
      drag.ghost.inert = true;
      drag.ghost.style.cssText = `left:${box.left}px;top:${box.top}px;width:${box.width}px`;
      root.append(drag.ghost);
      item.classList.add("cxw-map-dragged");
    }
    drag.ghost.style.transform = `translate(${event.clientX - x}px, ${event.clientY - y}px)`;
    const scroll = root.querySelector(".cxw-map-scroll");
    const { left, right } = scroll.getBoundingClientRect();
    if (event.clientX > right - 36) scroll.scrollLeft += 12;
    else if (event.clientX < left + 100) scroll.scrollLeft -= 12;
    root.querySelector(".cxw-map-over")?.classList.remove("cxw-map-over");
    mark.remove();
    drag.to = over(event.clientX, event.clientY);
    drag.to?.cell.classList.add("cxw-map-over");
    if (item.dataset.card !== undefined) drag.to?.cell.querySelector("ul")?.insertBefore(mark, drag.to.next);
  };
  const end = (event) => {
    if (!drag || (event.pointerId !== undefined && event.pointerId !== drag.pointer)) return;
    const { item, ghost, to } = drag;
    drag = null;
    if (!ghost) return;
    ghost.remove();
    mark.remove();
    item.classList.remove("cxw-map-dragged");
    root.querySelector(".cxw-map-over")?.classList.remove("cxw-map-over");
    // the click that ends a drag opens nothing
    const still = (click) => click.stopPropagation();
    window.addEventListener("click", still, { capture: true, once: true });
    setTimeout(() => window.removeEventListener("click", still, true));
    if (event.type === "pointerup" && to) drop(item, to);
  };
  const escape = (event) => event.key === "Escape" && end(event);
  const listeners = [["pointermove", move], ["pointerup", end], ["pointercancel", end], ["keydown", escape]];
  root.addEventListener("pointerdown", down);
  for (const [name, call] of listeners) window.addEventListener(name, call);
  return () => {
    for (const [name, call] of listeners) window.removeEventListener(name, call);
  };
}
