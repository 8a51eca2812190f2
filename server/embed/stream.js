// One stream of a console for all views of a page: opens it, reads it, says how fresh it is, and comes back.
const SOON = 20, SLOW = 3e3, STALE = 1e4, SILENT = 4e4, HIDDEN = 3e5, DAY = 864e5;

function createStream(base) {
  const readers = new Map(), known = new Map(), latest = new Map();
  let tokens = [];
  let control, timer, renewal, watch, attempt = 0, sent = "", fresh = "connecting", lostAt = Date.now(), heardAt = 0, last = 0, skew = 0;

  const tell = (message, to = () => 1) => {
    for (const reader of readers.values()) if (to(reader)) reader.push(message);
  };
  const freshness = () => ({ type: "fresh", fresh, at: heardAt, skew });
  const be = (next) => {
    if (next !== fresh) tell(freshness((fresh = next)));
  };
  const heard = (at) => {
    heardAt = at;
    skew = at - Date.now();
  };
  const wake = (delay) => {
    clearTimeout(timer);
    timer = setTimeout(open, delay);
  };
  const again = () => wake(Math.min(1e4, 500 * 2 ** attempt++) * (0.5 + Math.random()));
  const wanted = () => [...readers.values()].filter((reader) => !(Date.now() - reader.hidden > HIDDEN));
  // Each view is opened by the token of its own reader, and by no other.
  const label = (reader, of = tokens) => (reader.token ? of.indexOf(reader.token) + "!" + reader.of : reader.of);
  const address = (all) => {
    const own = [...new Set(all.map((reader) => reader.token).filter(Boolean))].slice(0, 16);
    const of = [...new Set(all.map((reader) => label(reader, own)))].slice(0, 16).map((of) => "of=" + encodeURIComponent(of));
    return [base + "events?" + of.join("&"), own];
  };

  async function open() {
    clearTimeout(timer);
    control?.abort();
    const all = wanted(), mine = (control = new AbortController());
    lostAt ||= Date.now();
    sent = "";
    if (!all.length) return;
    const [url, own] = address(all);
    tokens = own;
    sent = url + own;
    last = Date.now();
    try {
      const headers = own.length ? { authorization: "Embed " + own.join(" ") } : {};
      const answer = await fetch(url, { headers, signal: mine.signal, cache: "no-store", credentials: "omit", referrerPolicy: "no-referrer" });
      if (!answer.ok) {
        const { message } = await answer.json().catch(() => ({}));
        const refused = answer.status == 401 || answer.status == 403;
        if (refused) refuse(message, answer.status == 401);
        throw refused;
      }
      const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
      for (let text = ""; ; ) {
        const { value, done } = await reader.read();
        if (done) break;
        last = Date.now();
        const events = (text + value).split("\n\n");
        text = events.pop();
        for (const event of events) read(event);
      }
    } catch (refused) {
      if (refused === true) attempt = Math.max(attempt, 4);
    }
    if (control == mine) {
      lostAt ||= Date.now();
      again();
    }
  }

  function refuse(message, token, of) {
    const to = (reader) => !of || label(reader) == of;
    tell({ type: "refused", message }, to);
    if (token) tell({ type: "needtoken" }, to);
  }

  function read(event) {
    const [, name, data] = /event: (\w+)\ndata: (.*)/.exec(event) ?? [];
    if (!name) return;
    const body = JSON.parse(data);
    if (name == "opened") {
      heard(body.at);
      attempt = lostAt = 0;
      known.clear();
      for (const view of body.views) {
        known.set(view.of, view);
        tell({ type: "opened", ...view }, (reader) => label(reader) == view.of);
      }
      fresh = "live";
      tell(freshness());
      for (const { of, message, token } of body.refused) refuse(message, token, of);
      renew(Math.min(...body.views.map((view) => view.expires ?? Infinity)));
    } else if (name == "view") {
      heard(body.at);
      latest.set(body.key, body);
      tell({ type: "view", skew, ...body }, (reader) => known.get(label(reader))?.key == body.key);
    } else if (name == "heartbeat") {
      heard(body.at);
    } else if (name == "renew") {
      tell({ type: "needtoken" }, (reader) => reader.token);
      control = 0;
      lostAt = Date.now();
      wake(SLOW);
    }
  }

  // Asks for another token a minute before the first one ends, or when three quarters of its time are over.
  function renew(expires) {
    clearTimeout(renewal);
    const left = expires - Date.now() - skew;
    if (left < DAY) renewal = setTimeout(() => tell({ type: "needtoken" }, (reader) => reader.token), left - Math.min(6e4, left / 4));
  }

  function look() {
    const gone = lostAt && Date.now() - lostAt;
    if (gone > STALE) be("stale");
    else if (gone > SLOW && fresh == "live") be("reconnecting");
    if (sent && Date.now() - last > SILENT) open();
    if (sent && !wanted().length) open();
  }

  return {
    add(id, of, token, push) {
      const reader = { of, token, push };
      readers.set(id, reader);
      watch ??= setInterval(look, 1e3);
      const [url, own] = address(wanted());
      const view = known.get(label(reader));
      if (sent != url + own || !view || lostAt) return wake(SOON);
      push({ type: "opened", ...view });
      push(freshness());
      if (latest.has(view.key)) push({ type: "view", skew, ...latest.get(view.key) });
    },
    set(id, change) {
      const reader = readers.get(id);
      if (!reader) return;
      Object.assign(reader, change);
      const [url, own] = address(wanted());
      if (sent != url + own) wake(SOON);
    },
    hide(hidden) {
      for (const id of readers.keys()) this.set(id, { hidden });
    },
    remove(id) {
      readers.delete(id);
      if (readers.size) return;
      watch = clearInterval(watch);
      open();
    },
    retry() {
      if (!lostAt) return;
      attempt = 0;
      wake(SOON);
    },
  };
}
