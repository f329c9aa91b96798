/**
 * Answers when every view has seen the log up to a position: how a client waits for its own write. Where a view, or the caller's own
 * part of one, stands still before it, that is the answer, at once.
 */
import { AwaitViews } from "@vivim/contract/Await"
import { Unavailable } from "@vivim/contract/Refusal"
import { CurrentSession, SessionGuard } from "@vivim/contract/Session"
import { Views } from "@vivim/projection/Views"
import * as Effect from "effect/Effect"

export const handlers = AwaitViews.middleware(SessionGuard).toLayer(Effect.map(Views, (views) => ({
  AwaitPosition: ({ position }) =>
    Effect.flatMap(CurrentSession, ({ userId }) => views.waitFor(position, userId)).pipe(
      Effect.as({ position }),
      Effect.timeoutFail({
        duration: "20 seconds",
        onTimeout: () =>
          new Unavailable({ message: `the views have not seen position ${position} yet`, retryAfterMs: 1_000 })
      })
    )
})))
