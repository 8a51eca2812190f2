/** What embeds, their host and their views tell each other. */

/** Freshness of a view as `data-freshness` has it. */
export type Freshness = "connecting" | "live" | "reconnecting" | "stale";

/** A view of the stream's `opened` event. */
export interface OpenedView {
  /** The view's name, after the index of its token and `!` where it has one. */
  of: string;
  key: string;
  zone?: string;
  theme?: string;
  density?: string;
  accent?: string;
  /** Origin of the page that the token is for; `self` for the console's own. */
  origin?: string;
  /** Milliseconds since 1970. */
  expires?: number;
}

/** The stream's `view` event. */
export interface ViewUpdate {
  key: string;
  html: string;
  state: string;
  sentence: string;
  /** Milliseconds since 1970, by the console's clock. */
  at: number;
}

/** To a view. */
export type ViewMessage =
  | ({ type: "opened" } & OpenedView)
  /** `skew`: the console's clock minus this one, in milliseconds. */
  | ({ type: "view"; skew: number } & ViewUpdate)
  | { type: "fresh"; fresh: Freshness; at: number; skew: number }
  | { type: "refused"; message: string | undefined };

/** To an embed; `hello` asks it to introduce itself again. */
export type EmbedMessage = ViewMessage | { type: "needtoken" } | { type: "hello" };

/** The part of a subscription that changes while it lasts; `hidden`: since when nobody sees it. */
export interface SubscriptionChange {
  token?: string;
  hidden?: number;
}

/** From an embed to its host. */
export type HostMessage =
  | { type: "hello"; of: string; token?: string }
  | { type: "set"; change: SubscriptionChange }
  | { type: "retry" }
  | { type: "alive" }
  | { type: "bye" };

/** Delivers a message to one embed. */
export type Push = (message: EmbedMessage) => void;
