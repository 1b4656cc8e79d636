// States: fine, busy, ended, lost. The banner shows the last two, in the language of the page.
function render({ model, el }) {
  el.hidden = true;
  const place = document.getElementById("jupyter-config-data");
  const { kernelId, baseUrl } = place ? JSON.parse(place.textContent) : {};
  if (!kernelId) return undefined;
  let state = "";
  let sent = 0;
  let heard = 0;
  let silent = 0; // rounds in which a kernel that was not busy gave no answer
  let timer = 0;
  const words = () => model.get("labels")[document.documentElement.lang] ?? model.get("labels").en;
  const banner = h("div", { cls: "cxw-banner", role: "alert" });

  function show(next) {
    state = next;
    document.documentElement.dataset.cxwSession = next;
    if (next === "ended" || next === "lost") {
      banner.replaceChildren(
        h("p", {}, words()[`session_${next}`]),
        next === "ended" && h("button", { type: "button", cls: "cxw-btn cxw-primary", onclick: () => location.reload() }, words().session_reload),
      );
      if (!banner.isConnected) document.body.append(banner);
    } else banner.remove();
  }

  // once the server is there the connection is made at once: by itself it waits longer after each failure and then gives up
  const kernel = model.widget_manager.kernel;
  const reconnect = async () => kernel.reconnect();

  async function inquire() {
    let answer;
    try {
      answer = await fetch(`${baseUrl}api/kernels/${kernelId}`, { cache: "no-store" });
    } catch {
      return "lost";
    }
    if (!answer.ok) return "ended";
    if (kernel.connectionStatus !== "connected") {
      reconnect().catch(() => {}); // the next round looks again
      return "lost";
    }
    if ((await answer.json()).execution_state === "busy") return "busy";
    silent += 1;
    return silent > 1 ? "ended" : state || "fine";
  }

  const wait = (ms) => new Promise((done) => { timer = setTimeout(done, ms); });
  let running = true;
  (async () => {
    while (running && state !== "ended") {
      if (!document.hidden) {
        sent += 1;
        try {
          if (kernel.connectionStatus === "connected") model.send({ type: "ping", n: sent });
        } catch {
          // the kernel is known to be dead: the server is asked below
        }
        const end = Date.now() + model.get("late_ms");
        while (running && heard < sent && Date.now() < end) await wait(50);
        if (!running) return;
        if (heard >= sent) {
          silent = 0;
          show("fine");
        } else show(await inquire());
      }
      await wait(model.get("every_ms"));
    }
  })();
  const onMessage = (message) => {
    if (message?.type === "pong") heard = Math.max(heard, message.n);
  };
  model.on("msg:custom", onMessage);
  const again = () => {
    silent = 0;
    say(model, "again");
  };
  const rest = onReturn(model, again);
  again();
  const onLanguage = () => show(state);
  window.addEventListener("cxw:language", onLanguage);
  return () => {
    running = false;
    clearTimeout(timer);
    rest();
    banner.remove();
    model.off("msg:custom", onMessage);
    window.removeEventListener("cxw:language", onLanguage);
  };
}
export default { render };
