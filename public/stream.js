// A shared worker: one stream for all of this browser's tabs, since browsers open six connections to one origin over plain HTTP.
// It keeps what came since the last snapshot, so that a tab that joins or missed something gets it from here.
// A tab says ["open", id] with the id that it has, ["here", id] now and then, and ["bye"]. It hears [kind, data] with the stream's own
// kinds, and "alive" (nothing was missed) or "lost" (with "closed" where the browser will not try again by itself).
const STREAM = "/api/events";
const KINDS = ["snapshot", "frame", "heartbeat", "bye"];
// Of what is kept, in characters; then the state is asked for anew.
const MOST_KEPT = 4_000_000;
// As long as that nothing was heard: the connection is dead, whatever it says.
const SILENCE_MS = 33_000;
// As long as that a tab said nothing: it is gone. Tabs in the background speak once a minute.
const GONE_MS = 180_000;

let source;
let heardAt = 0;
let base; // the id that what is kept follows
let snapshot;
let kept = [];
let size = 0;
const tabs = new Map();

self.onconnect = ({ ports: [port] }) => {
  port.onmessage = ({ data: [what, id] }) => {
    if (what === "bye") return leave(port);
    const known = tabs.has(port);
    tabs.set(port, Date.now());
    if (what === "open" || !known) open(port, id);
  };
};

function leave(port) {
  tabs.delete(port);
  if (tabs.size > 0) return;
  source?.close();
  source = undefined;
}

function open(port, id) {
  const dead = !source || source.readyState === EventSource.CLOSED || Date.now() - heardAt > SILENCE_MS;
  if (dead) connect(id);
  else if (!replay(port, id)) connect();
}

/** Opens the stream after `id`; without one it begins with the whole state. */
function connect(id) {
  source?.close();
  begin(id);
  heardAt = Date.now();
  source = new EventSource(id ? `${STREAM}?last_event_id=${id}` : STREAM);
  for (const kind of KINDS) source.addEventListener(kind, hear);
  source.onerror = ({ target }) => tell(["lost", target.readyState === EventSource.CLOSED ? "closed" : ""]);
}

function hear({ type, data, lastEventId, target }) {
  if (target !== source) return;
  heardAt = Date.now();
  if (type === "snapshot") {
    begin(lastEventId);
    snapshot = data;
  } else if (type === "frame") {
    kept.push([number(lastEventId), data]);
    size += data.length;
  }
  tell([type, data]);
  if (size > MOST_KEPT) connect();
}

function begin(id) {
  [base, snapshot, kept, size] = [id, undefined, [], 0];
}

/** Gives a tab what it has not; false where that is not here. */
function replay(port, id) {
  const follows = base && id && epoch(id) === epoch(base) && number(id) >= number(base);
  if (!follows && snapshot === undefined) return false;
  if (!follows) port.postMessage(["snapshot", snapshot]);
  for (const [seq, data] of kept) if (!follows || seq > number(id)) port.postMessage(["frame", data]);
  port.postMessage(source.readyState === EventSource.OPEN ? ["alive", ""] : ["lost", ""]);
  return true;
}

function tell(message) {
  for (const [port, spokenAt] of tabs) {
    if (Date.now() - spokenAt > GONE_MS) leave(port);
    else port.postMessage(message);
  }
}

const epoch = (id) => id.split("-")[0];
const number = (id) => Number(id.split("-")[1]);
