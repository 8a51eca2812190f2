/**
 * The worker that follows the console's stream. Browsers open six connections to an origin over
 * plain HTTP, so all tabs share one; where there are no shared workers, each tab has its own.
 */
import { createTabStream } from "../tab-stream.js";

declare const self: SharedWorkerGlobalScope | DedicatedWorkerGlobalScope;

const receive = createTabStream();

function listen(port: MessagePort | DedicatedWorkerGlobalScope) {
  port.onmessage = ({ data }: MessageEvent) => receive(port, data);
}

if ("onconnect" in self) self.onconnect = ({ ports: [port] }) => port && listen(port);
else listen(self);
