/** What was done with one's sessions, newest first. */
import { createSignal, For, Show } from "solid-js"
import { watch } from "../node/Node.ts"
import { Button } from "../ui/Button.tsx"
import { agentName } from "./Agents.ts"
import { isAlarming, sentenceOfEntry } from "./Entries.ts"
import { Answered, Dated } from "./Rows.tsx"

const step = 20

export const SecurityLog = () => {
  const log = watch("WatchSecurityLog", () => ({}))
  const [shown, setShown] = createSignal(step)
  return (
    <Answered of={log} rows={3}>
      {(entries) => (
        <Show
          when={entries().length > 0}
          fallback={
            <p class="text-ink-soft">Nothing yet. Signing in, signing out and what you change here will stand here.</p>
          }
        >
          <ol aria-label="Security log" class="space-y-3.5">
            <For each={entries().slice(0, shown())}>
              {(entry) => (
                <Dated at={entry.at}>
                  <p classList={{ "font-semibold text-danger": isAlarming(entry) }}>{sentenceOfEntry(entry)}</p>
                  <Show when={entry.agent}>
                    {(agent) => <p class="text-sm text-ink-soft">{agentName(agent())}, {entry.address}</p>}
                  </Show>
                </Dated>
              )}
            </For>
          </ol>
          <Show when={entries().length > shown()}>
            <Button kind="ghost" class="mt-4" onClick={() => setShown((shown) => shown + step)}>
              Show earlier ones
            </Button>
          </Show>
        </Show>
      )}
    </Answered>
  )
}
