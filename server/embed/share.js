// Serves several embeds from one stream: in the worker that they share, or in that one of them which leads the others.
const GONE = 15e4;

function serve(stream) {
  const seen = new Map();
  setInterval(() => {
    for (const [id, at] of seen) if (Date.now() - at > GONE) seen.delete(id) && stream.remove(id);
  }, 3e4);
  return (id, message, push) => {
    const known = seen.has(id);
    seen.set(id, Date.now());
    if (message.type == "hello") stream.add(id, message.of, message.token, push);
    // It was thought to have gone, as browsers let pages sleep.
    else if (!known && message.type != "bye") push({ type: "hello" });
    else if (message.type == "set") stream.set(id, message.change);
    else if (message.type == "retry") stream.retry();
    else if (message.type == "bye") seen.delete(id) && stream.remove(id);
  };
}
