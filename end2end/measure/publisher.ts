// Publishes results at a steady rate, in pipelined bursts over one connection: as many as a chatty TickStockPL would at its worst.
import { once } from "node:events";
import { connect } from "node:net";

const EVERY_MS = 20;
const SYMBOLS = [
  "AAPL",
  "MSFT",
  "NVDA",
  "AMZN",
  "GOOGL",
  "META",
  "BRK.B",
  "JPM",
  "XOM",
  "UNH",
  "V",
  "PG",
  "HD",
  "COST",
  "KO",
];
const INDICATORS = ["RSI", "MACD", "SMA_20", "SMA_50", "EMA_12", "ATR", "ADX", "OBV"];
const PATTERNS = ["Doji", "Hammer", "BullFlag", "DoubleTop", "HeadAndShoulders", "EveningStar"];

/** Two indicators to each detected pattern. */
function result(n: number): [channel: string, message: object] {
  const symbol = SYMBOLS[n % SYMBOLS.length];
  const envelope = (event: string, payload: object) => ({
    event,
    timestamp: new Date().toISOString(),
    source: "measure",
    version: "1.0",
    payload,
  });
  if (n % 3 === 2) {
    const payload = {
      run_id: "measured",
      symbol,
      pattern: PATTERNS[n % PATTERNS.length],
      timeframe: "1day",
      confidence: 0.6 + (n % 40) / 100,
      pattern_data: { entry_price: 100 + (n % 90), stop_loss: 95 },
      levels: { support: 98.5, resistance: 104.25 },
    };
    return ["tickstock:patterns:detected", envelope("pattern_detected", payload)];
  }
  const indicator = INDICATORS[n % INDICATORS.length];
  return [
    "tickstock:indicators:calculated",
    envelope("indicator_calculated", {
      symbol,
      indicator,
      timeframe: "daily",
      values: { value: n % 1000 },
      metadata: {},
    }),
  ];
}

function progress(done: number, total: number): [string, object] {
  const payload = {
    run_id: "measured",
    completed_symbols: done % total,
    total_symbols: total,
    current_symbol: SYMBOLS[done % SYMBOLS.length],
  };
  return [
    "tickstock:indicators:progress",
    {
      event: "indicator_progress",
      timestamp: new Date().toISOString(),
      source: "measure",
      version: "1.0",
      payload,
    },
  ];
}

function command(...words: string[]): string {
  return `*${words.length}\r\n${words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`).join("")}`;
}

/** Publishes `rate` results a second until it is stopped; the stop gives how many, and in how many seconds. */
export async function publishResults(
  port: number,
  rate: number,
): Promise<() => Promise<{ results: number; seconds: number }>> {
  const redis = connect(port, "127.0.0.1").setNoDelay(true);
  await once(redis, "connect");
  redis.resume();
  const began = performance.now();
  let results = 0;
  const timer = setInterval(() => {
    const due = Math.floor(((performance.now() - began) / 1000) * rate);
    const words: string[] = [];
    if (due % 5 === 0)
      words.push(
        command(
          "PUBLISH",
          ...progress(Math.floor(due / 50), 505).map((it) =>
            typeof it === "string" ? it : JSON.stringify(it),
          ),
        ),
      );
    for (; results < due; results++) {
      const [channel, message] = result(results);
      words.push(command("PUBLISH", channel, JSON.stringify(message)));
    }
    redis.write(words.join(""));
  }, EVERY_MS);
  return async () => {
    clearInterval(timer);
    const seconds = (performance.now() - began) / 1000;
    redis.end();
    await once(redis, "close");
    return { results, seconds };
  };
}
