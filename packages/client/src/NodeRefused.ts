/** The node said no at one of its plain doors: `refusal` is the tag of its answer, `reason` what it says about it. */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"

export class NodeRefused extends Schema.TaggedError<NodeRefused>()("NodeRefused", {
  refusal: Schema.String,
  reason: Schema.String
}) {
  override get message(): string {
    return `${this.refusal}: ${this.reason}`
  }
}

const Refusal = Schema.Struct({
  _tag: Schema.optional(Schema.String),
  outcome: Schema.optional(Schema.String),
  reason: Schema.optional(Schema.String),
  message: Schema.optional(Schema.String)
})

/** The refusal that an answer of the node is; a `ParseError` where it is none. */
export const decode = (json: unknown) =>
  Effect.map(
    Schema.decodeUnknown(Refusal)(json),
    ({ _tag, message, outcome, reason }) =>
      new NodeRefused({ refusal: _tag ?? outcome ?? "Refused", reason: reason ?? message ?? "" })
  )
