/**
 * A newer client waits until it is asked for: nobody loses what they were doing to a reload. What keeps the client for times
 * without a node is fetched from the node: so it is set up once the line is open, and again with the next line if that failed.
 */
import { createEffect, createRoot } from "solid-js"
import { registerSW } from "virtual:pwa-register"
import { connection } from "../node/Node.ts"
import { toast } from "../ui/Toasts.tsx"

let registered = false

const register = (): void => {
  registered = true
  const update = registerSW({
    immediate: true,
    onNeedRefresh: () =>
      toast("A newer version of this client is ready.", { action: { label: "Use it", run: () => void update(true) } }),
    onRegisterError: () => {
      registered = false
    }
  })
}

export const watchForUpdates = (): void =>
  createRoot(() =>
    createEffect(() => {
      if (connection() === "open" && !registered) register()
    })
  )
