// Looks for programs that may not be installed.
import { existsSync } from "node:fs";
import { delimiter, isAbsolute, join } from "node:path";

/** The path of the first of these programs that is there; names are looked for on PATH. */
export function found(...names: string[]): string | undefined {
  const folders = (process.env.PATH ?? "").split(delimiter);
  const paths = names.flatMap((name) => (isAbsolute(name) ? [name] : folders.map((folder) => join(folder, name))));
  return paths.find((path) => existsSync(path));
}
