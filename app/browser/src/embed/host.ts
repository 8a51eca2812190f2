/**
 * Serves several embeds from one stream: in the worker that they share, or in the one of them that
 * leads the others.
 */
import type { HostMessage, Push } from "./messages.js";
import type { EmbedStream } from "./stream.js";

/** An embed says every 30 s that it is alive. Pages in the background are throttled. */
const GONE_MS = 150_000;
const SWEEP_MS = 30_000;

/** Handles one message of the embed with this id; `push` answers it. */
export type EmbedHost = (id: unknown, message: HostMessage, push: Push) => void;

export function createEmbedHost(stream: EmbedStream): EmbedHost {
  const heard = new Map<unknown, number>();
  const remove = (id: unknown) => {
    if (heard.delete(id)) stream.remove(id);
  };
  setInterval(() => {
    for (const [id, at] of heard) if (Date.now() - at > GONE_MS) remove(id);
  }, SWEEP_MS);
  return (id, message, push) => {
    if (message.type === "bye") return remove(id);
    const known = heard.has(id);
    heard.set(id, Date.now());
    if (message.type === "hello") stream.add(id, message.of, message.token, push);
    // It was removed as gone, but its page had only been suspended.
    else if (!known) push({ type: "hello" });
    else if (message.type === "set") stream.set(id, message.change);
    else if (message.type === "retry") stream.retry();
  };
}
