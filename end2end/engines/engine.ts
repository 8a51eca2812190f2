// Browsers of other makers behind one small interface, over the standards that each of them speaks by itself: Firefox WebDriver BiDi,
// WebKitGTK WebDriver.

export interface Engine {
  open(url: string): Promise<void>;
  /** The value of an expression in the page. */
  read<T>(expression: string): Promise<T>;
  /** Clicks as a person does; it has to be visible. */
  click(selector: string): Promise<void>;
  /** What went wrong in the page's scripts so far. */
  errors(): Promise<string[]>;
  close(): Promise<void>;
}

/** The path of the first of these programs that is there. */
export { found } from "./found.js";
export { firefox } from "./firefox.js";
export { webkit } from "./webkit.js";
