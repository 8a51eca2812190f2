/**
 * One stream of the console for all tabs of a browser. It records what came since the last
 * snapshot, so that a tab that joins or missed something gets it from here.
 *
 * A tab sends `["open", id]` with the id of the last event that it has, `["here", id]` now and
 * then, and `["bye"]`. It gets `[type, data]` with the stream's own types, `["alive"]` (nothing was
 * missed) and `["lost", "" | "closed"]` (`closed`: it has to open the stream again).
 */
import type { StreamEvent } from "./event-parser.js";
import { createStreamClient } from "./stream-client.js";

/** How a tab is posted to; a dedicated worker is its own port. */
export type TabPort = Pick<MessagePort, "postMessage">;

export type TabMessage = [type: "open" | "here" | "bye", id: string];

const STREAM = "/api/events";
/** Types of events that tabs know. */
const TYPES = ["snapshot", "frame", "heartbeat", "bye"];
/** Recorded characters; beyond them the state is requested again. */
const MAX_RECORDED = 4_000_000;
/** Two heartbeats and a little. */
const SILENCE_MS = 33_000;
/** A tab that sent nothing for this long is gone. Tabs in the background send once a minute. */
const GONE_MS = 180_000;

/** Returns the handler of a tab's messages. */
export function createTabStream() {
  /** Id of the event that the recorded frames follow. */
  let base = "";
  let snapshot: string | undefined;
  let frames: { seq: number; data: string }[] = [];
  let recorded = 0;
  /** The server stops, and gave each client its own time to come back. */
  let dismissed = false;
  /** When each tab was last heard. */
  const tabs = new Map<TabPort, number>();

  const client = createStreamClient({
    request: () => ({ url: STREAM }),
    onEvent: receive,
    onLost: (closed) => broadcast("lost", closed ? "closed" : ""),
    onRefused: () => false,
    silenceMs: SILENCE_MS,
  });

  function remove(port: TabPort) {
    tabs.delete(port);
    if (tabs.size === 0) client.close();
  }

  function open(port: TabPort, id: string) {
    if (client.state === "closed") connect(id);
    else if (!replay(port, id)) connect("");
    else if (client.state === "waiting" && !dismissed) client.reconnect(0);
  }

  /** Opens the stream after `id`; without one it begins with the whole state. */
  function connect(id: string) {
    record(id, undefined);
    client.open(id);
  }

  function receive({ type, data, id }: StreamEvent) {
    if (!TYPES.includes(type)) return;
    dismissed = type === "bye";
    if (type === "snapshot") record(id, data);
    else if (type === "frame") {
      frames.push({ seq: parseId(id).seq, data });
      recorded += data.length;
    }
    broadcast(type, data);
    if (recorded > MAX_RECORDED) connect("");
  }

  function record(id: string, state: string | undefined) {
    base = id;
    snapshot = state;
    frames = [];
    recorded = 0;
  }

  /** Sends a tab what it is missing. Returns false where that is not recorded. */
  function replay(port: TabPort, id: string): boolean {
    const from = parseId(id);
    const start = parseId(base);
    const follows = from.epoch === start.epoch && from.seq >= start.seq;
    if (!follows && snapshot === undefined) return false;
    if (!follows) port.postMessage(["snapshot", snapshot]);
    for (const { seq, data } of frames) {
      if (!follows || seq > from.seq) port.postMessage(["frame", data]);
    }
    port.postMessage([client.state === "open" ? "alive" : "lost", ""]);
    return true;
  }

  function broadcast(type: string, data: string) {
    for (const [port, heardAt] of tabs) {
      if (Date.now() - heardAt > GONE_MS) remove(port);
      else port.postMessage([type, data]);
    }
  }

  return (port: TabPort, [type, id]: TabMessage) => {
    if (type === "bye") return remove(port);
    const known = tabs.has(port);
    tabs.set(port, Date.now());
    if (type === "open" || !known) open(port, id);
  };
}

/** The parts of an event id, `<epoch>-<seq>`. */
function parseId(id: string): { epoch: string; seq: number } {
  const [epoch = "", seq] = id.split("-");
  return { epoch, seq: Number(seq) };
}
