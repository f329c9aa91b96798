/** The providers one may come in by, where the node knows any: a button for each. */
import LogIn from "lucide-solid/icons/log-in"
import { createSignal, For, Show } from "solid-js"
import { Button } from "../ui/Button.tsx"
import { Problem } from "../ui/Problem.tsx"
import { createDoing } from "./Doing.ts"
import { createOffered } from "./Offered.ts"
import { visits } from "./Providers.ts"

export const ContinueWith = () => {
  const known = createOffered()
  const [going, setGoing] = createSignal<string>()
  const { busy, doing, problem } = createDoing()
  const go = (id: string) => {
    setGoing(id)
    void doing(async () => {
      location.assign(await (await visits()).depart(id))
      // The page is left: nothing more is pressed meanwhile.
      await new Promise(() => {})
    })
  }
  return (
    <Show when={known().length > 0}>
      <section aria-label="Other ways in" class="mt-6 border-t border-line pt-5">
        <div class="space-y-2">
          <For each={known()}>
            {({ id, label }) => (
              <Button
                class="w-full justify-center"
                busy={busy() && going() === id}
                disabled={busy()}
                onClick={() => go(id)}
              >
                <LogIn size={16} aria-hidden="true" />Continue with {label}
              </Button>
            )}
          </For>
        </div>
        <Problem problem={problem()} />
        <p class="mt-3 text-sm text-ink-soft">
          For an account that has linked it. Your archive stays locked until one of your devices unlocks it.
        </p>
      </section>
    </Show>
  )
}
