// The interface that every browser implements: Firefox over WebDriver BiDi, WebKitGTK over WebDriver.

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
