/**
 * Handles follow their accounts: kept when one is open, retired when it is gone. Accounts from before there were claims, and those a
 * crash left between claim and account, come to their handles by this too.
 *
 * P1  An account that is open keeps its handle; one that is gone has it retired.
 */
import { HandleAddress } from "@vivim/contract/Handle"
import * as Event from "@vivim/event-schemas/Event"
import { Handle } from "@vivim/event-schemas/ids"
import { UserDeleted, UserRegistered } from "@vivim/event-schemas/user/index"
import * as Process from "@vivim/process/Process"
import * as Schema from "effect/Schema"

export const HandleProcess = Process.make({
  name: "handles",
  version: 1,
  reads: Event.vocabulary(UserRegistered, UserDeleted),
  asks: [HandleAddress],
  key: ({ userId }) => userId,
  memory: Schema.Struct({ handle: Handle }),
  react: {
    "user.UserRegistered": ({ handle, userId }) => [
      Process.remember({ handle }),
      Process.ask(HandleAddress, "KeepHandle", { handle, userId }, userId)
    ],
    "user.UserDeleted": ({ userId }, _, memory) =>
      memory === null
        ? []
        : [
          Process.ask(HandleAddress, "RetireHandle", { handle: memory.handle, userId }, userId),
          Process.remember(null)
        ]
  }
})
