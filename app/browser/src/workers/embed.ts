/** The worker that all embeds of one console on one site share: one stream for all of them. */
import { createEmbedHost } from "../embed/host.js";
import type { Push } from "../embed/messages.js";
import { createEmbedStream } from "../embed/stream.js";

declare const self: SharedWorkerGlobalScope;

const host = createEmbedHost(createEmbedStream(""));
let ports = 0;

self.onconnect = ({ ports: [port] }) => {
  if (!port) return;
  const id = ++ports;
  const push: Push = (message) => port.postMessage(message);
  port.onmessage = ({ data }) => host(id, data, push);
  // Only some browsers report a closed port; elsewhere the host notices the silence.
  port.addEventListener("close", () => host(id, { type: "bye" }, push));
};
