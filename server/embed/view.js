// One view on the page: puts in place what the stream sends, lets its clocks tick, and says when it is old.
const WORDS = { connecting: "Connecting", live: "Live", reconnecting: "Reconnecting", stale: "Paused" };

function lasted(seconds) {
  const s = Math.max(0, Math.round(seconds)), two = (n) => String(n).padStart(2, "0");
  if (s < 60) return `${s}\u00a0s`;
  const m = Math.floor(s / 60);
  return m < 60 ? `${m}\u00a0min\u00a0${two(s % 60)}\u00a0s` : `${Math.floor(m / 60)}\u00a0h\u00a0${two(m % 60)}\u00a0min`;
}

function createView(root, emit) {
  const find = (name) => root.querySelector("." + name);
  const content = find("content"), notice = find("notice");
  let skew = 0, fresh = "connecting", zone = root.dataset.zone, state, html;
  const clock = (at) => {
    const form = { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23", timeZoneName: "short", timeZone: zone };
    return new Intl.DateTimeFormat("en-US", form).format(at);
  };
  const say = (text) => {
    notice.textContent = text;
    notice.hidden = !text;
  };
  const tick = () => {
    if (fresh != "live") return;
    for (const place of content.querySelectorAll("[data-since]")) place.textContent = lasted((Date.now() + skew - place.dataset.since) / 1e3);
  };
  const ticking = setInterval(tick, 1e3);
  return {
    receive(message) {
      if (message.type == "opened") {
        if (fresh == "refused") fresh = "connecting";
        zone = message.zone ?? zone;
        for (const name of ["theme", "density"]) if (message[name]) (root.closest("html") ?? root).dataset[name] = message[name];
        if (message.accent) root.style.setProperty("--tickstock-accent", message.accent);
      } else if (message.type == "view") {
        skew = message.skew;
        if (html != message.html) content.innerHTML = html = message.html;
        tick();
        if (state != message.state) emit("statuschange", { state: (state = message.state), sentence: message.sentence, at: message.at });
      } else if (message.type == "refused") {
        html = state = undefined;
        content.textContent = "";
        fresh = root.dataset.fresh = "refused";
        say(`Nothing can be shown: ${message.message ?? "the console refused it"}.`);
      } else if (message.type == "fresh") {
        if (fresh == "refused") return;
        if (message.skew) skew = message.skew;
        const was = fresh;
        fresh = root.dataset.fresh = message.fresh;
        find("fresh-word").textContent = WORDS[fresh];
        const from = message.at && html ? ` Showing data from ${clock(message.at)}.` : "";
        say(fresh == "stale" ? `Live updates paused.${from}` : "");
        if (fresh == "stale" || was == "stale") emit("stale", { stale: fresh == "stale", at: message.at });
      }
    },
    stop: () => clearInterval(ticking),
  };
}
