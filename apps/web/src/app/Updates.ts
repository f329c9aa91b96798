/** A newer client waits until it is asked for: nobody loses what they were doing to a reload. */
import { registerSW } from "virtual:pwa-register"
import { toast } from "../ui/Toasts.tsx"

export const watchForUpdates = (): void => {
  const update = registerSW({
    immediate: true,
    onNeedRefresh: () =>
      toast("A newer version of this client is ready.", { action: { label: "Use it", run: () => void update(true) } })
  })
}
