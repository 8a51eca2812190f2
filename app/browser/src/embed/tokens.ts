/** Tokens from the page's own provider. */

const REUSE_MS = 2_000;
const requests = new Map<string, { at: number; token: Promise<string | undefined> }>();

/**
 * Gets the token for a view. A provider with a dot or a slash is an address on the page's site,
 * else the name of a global function. Embeds that ask at the same time get the same token.
 */
export function provideToken(provider: string, of: string): Promise<string | undefined> {
  const key = provider + of;
  const known = requests.get(key);
  if (known && Date.now() - known.at < REUSE_MS) return known.token;
  const token = request(provider, of).catch(() => undefined);
  requests.set(key, { at: Date.now(), token });
  return token;
}

async function request(provider: string, of: string): Promise<string | undefined> {
  if (!/[/.]/.test(provider)) {
    const global = window as unknown as Record<string, ((of: object) => string) | undefined>;
    return global[provider]?.({ of });
  }
  const mark = provider.includes("?") ? "&" : "?";
  const response = await fetch(`${provider}${mark}of=${encodeURIComponent(of)}`, {
    cache: "no-store",
  });
  const text = response.ok ? await response.text() : "";
  return text.startsWith("{") ? JSON.parse(text).token : text.trim();
}
