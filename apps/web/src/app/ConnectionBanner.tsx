/** Says when the node does not answer, and that what is shown may be a moment old. */
import { createEffect, createSignal, onCleanup, Show } from "solid-js"
import { connection } from "../node/Node.ts"

/** Shorter breaks mend themselves before anyone could read about them. */
const worthSayingMs = 700

export const ConnectionBanner = () => {
  const [lost, setLost] = createSignal(false)
  const [everOpen, setEverOpen] = createSignal(false)
  createEffect(() => {
    if (connection() === "open") setEverOpen(true)
    if (connection() !== "lost") setLost(false)
    else {
      const timer = setTimeout(() => setLost(true), worthSayingMs)
      onCleanup(() => clearTimeout(timer))
    }
  })
  return (
    <div role="status" aria-label="Connection">
      <Show when={lost()}>
        <p class="flex items-center justify-center gap-2.5 border-b border-line bg-warn-wash px-4 py-1.5 text-center text-sm text-warn">
          <span aria-hidden="true" class="size-2 shrink-0 rounded-full bg-current animate-breathe" />
          <span>
            <strong>Reconnecting…</strong> {everOpen()
              ? "What you see was current a moment ago."
              : "This node does not answer. It may be stopped, or still starting."}
          </span>
        </p>
      </Show>
    </div>
  )
}
