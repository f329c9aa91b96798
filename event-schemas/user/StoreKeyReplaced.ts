/** Another store key took the place of the one before: none of the keys it unlocked is to be unlocked by that one any more. */
import * as Schema from "effect/Schema"
import * as Event from "../Event.ts"
import { Did } from "../ids.ts"

export const StoreKeyReplaced = Event.make("user.StoreKeyReplaced", {
  routing: {
    userId: Did,
    /** Which store key of the vault it is, from 1; nothing of the key itself. */
    generation: Schema.Int.pipe(Schema.greaterThan(1))
  },
  private: {}
})
