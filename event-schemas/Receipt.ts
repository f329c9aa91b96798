/** The answer to every accepted command: where in history its events now lie. */
import * as Schema from "effect/Schema"

/**
 * `stream` is `<kind>/<id>`; `version` counts the stream's events from 1; `position` counts the node's whole log from 1
 * and is what a view can be waited on with.
 */
export class Receipt extends Schema.Class<Receipt>("Receipt")({
  stream: Schema.String,
  version: Schema.Int,
  position: Schema.Int
}) {
  /** Of what the log itself says: not looked at once more, for that costs as much as to fold an event. */
  static readonly of = (fields: { readonly stream: string; readonly version: number; readonly position: number }) =>
    new Receipt(fields, { disableValidation: true })
}
