// Prints one stylesheet: the given file with its relative `@import "x.css" layer(y);` put in place, and without the
// comments and indentation. Nothing cleverer: compression does the rest.
// usage: node .ci/css.mjs FILE
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";

const IMPORT = /^@import\s+(?:url\()?["'](?!\w+:|\/)([^"']+)["']\)?(?:\s+layer\(([\w.-]+)\))?\s*;/gm;
const KEPT_OR_DROPPED = /("(?:\\[^]|[^"\\])*"|'(?:\\[^]|[^'\\])*'|url\([^)]*\))|\/\*[^]*?\*\/|\s*\n\s*/g;

/** The text of `file` with all that it imports. */
function bundle(file) {
  return strip(readFileSync(file, "utf8")).replace(IMPORT, (_, path, layer) => {
    const css = bundle(join(dirname(file), path));
    return layer ? `@layer ${layer} {\n${css}}\n` : css;
  });
}

/** Keeps strings and addresses as they are, drops comments, makes one newline of the white space around a newline. */
function strip(css) {
  const dropped = (text, kept) => kept ?? (text.startsWith("/*") ? "" : "\n");
  return `${css.replace(KEPT_OR_DROPPED, dropped).replace(/\n{2,}/g, "\n").trim()}\n`;
}

process.stdout.write(bundle(process.argv[2]));
