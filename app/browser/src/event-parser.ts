/** One server-sent event. `id` is the last one that the stream has sent, as `EventSource` has it. */
export interface StreamEvent {
  type: string;
  data: string;
  id: string;
}

/**
 * Splits the text of a stream into events, however it is cut into chunks. `onRetry` gets the
 * reconnection time that the server asks for, in milliseconds.
 */
export function createEventParser(onRetry: (ms: number) => void) {
  let rest = "";
  let id = "";
  return (text: string): StreamEvent[] => {
    const blocks = (rest + text).split("\n\n");
    rest = blocks.pop() ?? "";
    const events: StreamEvent[] = [];
    for (const block of blocks) {
      let type = "message";
      const data: string[] = [];
      for (const line of block.split("\n")) {
        const [, field, value = ""] = /^(\w+)(?:: ?(.*))?$/.exec(line) ?? [];
        if (field === "event") type = value;
        else if (field === "data") data.push(value);
        else if (field === "id") id = value;
        else if (field === "retry" && /^\d+$/.test(value)) onRetry(+value);
      }
      if (data.length > 0) events.push({ type, data: data.join("\n"), id });
    }
    return events;
  };
}
