// The types of server.mjs, for the tests.
export function embedToken(
  of: string,
  options: { secret: string; origin: string; seconds?: number; [claim: string]: unknown },
): string;
export function startPortal(options: {
  port?: number;
  secret?: string;
  console?: string;
  seconds?: number;
}): Promise<{
  console: string;
  origin: string;
  seconds: number;
  tokens: number;
  close(): void;
}>;
