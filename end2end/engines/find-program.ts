// Finds programs that may not be installed.
import { existsSync } from "node:fs";
import { delimiter, isAbsolute, join } from "node:path";

/** Path of the first of these programs that exists; names without a folder are searched on PATH. */
export function findProgram(...names: string[]): string | undefined {
  const folders = (process.env.PATH ?? "").split(delimiter);
  const paths = names.flatMap((name) =>
    isAbsolute(name) ? [name] : folders.map((folder) => join(folder, name)),
  );
  return paths.find((path) => existsSync(path));
}
