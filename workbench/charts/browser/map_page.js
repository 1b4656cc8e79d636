// A page with one map and nothing else: draws it, and fits it on one sheet of paper, landscape, when it is printed.
const SHEETS = [[297, 210], [420, 297], [594, 420], [841, 594], [1189, 841]]; // mm, A4 to A0
const EDGE = 8; // mm around
const SMALLEST = 0.7; // below that a larger sheet is taken: a printer can make it smaller, a reader can't make it larger
const PX = 96 / 25.4; // px of a mm

const held = JSON.parse(document.getElementById("canvas").textContent);
const main = document.querySelector("main");
draw(document.getElementById("map"), held.canvas, { labels: held.labels });

const sheet = document.head.appendChild(document.createElement("style"));
function fit() {
  document.documentElement.classList.add("printed");
  const fits = ([wide, high], zoom) => {
    main.style.width = `${Math.floor(((wide - 2 * EDGE) * PX) / zoom)}px`;
    return main.offsetHeight * zoom <= (high - 2 * EDGE) * PX * 0.98 && main.scrollWidth <= main.offsetWidth + 1;
  };
  let zoom = 1;
  let size = SHEETS.find((one) => [1, 0.9, 0.8, SMALLEST].some((z) => fits(one, (zoom = z))));
  if (!size) {
    size = SHEETS.at(-1);
    for (zoom = SMALLEST; zoom > 0.05 && !fits(size, zoom); ) zoom *= 0.93;
  }
  main.style.zoom = zoom;
  sheet.textContent = `@page{size:${size[0]}mm ${size[1]}mm;margin:${EDGE}mm}`;
}
function restore() {
  document.documentElement.classList.remove("printed");
  main.style.width = main.style.zoom = sheet.textContent = "";
}
if (document.documentElement.dataset.print === "now") fit();
else {
  window.addEventListener("beforeprint", fit);
  window.addEventListener("afterprint", restore);
}
