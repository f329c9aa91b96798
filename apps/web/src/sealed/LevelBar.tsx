/** How far this device is with sealing or opening conversations, along the top of any screen. */
import { Show } from "solid-js"
import { Button } from "../ui/Button.tsx"
import { counted } from "../ui/Counts.ts"
import { Progress } from "../ui/Progress.tsx"
import { running, stop } from "./Level.ts"

export const LevelBar = () => (
  <Show when={(running()?.found ?? 0) > 0 && running()}>
    {(now) => {
      const done = () => now().found - now().left
      const label = () => (now().level === "sealed" ? "Sealing on this device" : "Opening for the node")
      return (
        <section aria-label={label()} class="flex items-center gap-4 border-b border-line bg-raised px-4 py-2 text-sm">
          <p class="whitespace-nowrap">{label()}: {done()} of {counted(now().found, "conversation")}</p>
          <div class="min-w-12 flex-1">
            <Progress label={label()} value={done()} max={now().found} />
          </div>
          <Button size="small" onClick={stop}>Stop</Button>
        </section>
      )
    }}
  </Show>
)
