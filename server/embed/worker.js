// The worker that all embeds of this console on one site share: one stream for all of them.
const host = serve(createStream(""));
let ports = 0;

onconnect = ({ ports: [port] }) => {
  const id = ++ports;
  port.onmessage = ({ data }) => host(id, data, (message) => port.postMessage(message));
  // Where browsers say so, at once; otherwise by its silence.
  port.onclose = () => host(id, { type: "bye" });
};
