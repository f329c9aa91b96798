/** Back from a provider: signed in, or told why not and what to do. */
import { createSignal, onMount, Show } from "solid-js"
import type { CameBack } from "../session/CameBack.ts"
import { enterWith } from "../session/Session.ts"
import { Button } from "../ui/Button.tsx"
import { Problem } from "../ui/Problem.tsx"
import { createDoing } from "./Doing.ts"
import { Outside } from "./Outside.tsx"
import { visits } from "./Providers.ts"
import { sentenceOfVisit } from "./Sentences.ts"
import { goTo } from "./Steps.ts"

export const ComingBack = (props: { readonly cameBack: CameBack; readonly onDone: () => void }) => {
  const [over, setOver] = createSignal(false)
  const { doing, problem } = createDoing(sentenceOfVisit)
  onMount(() =>
    void doing(async () => enterWith({ kind: "provider", entered: await (await visits()).arrive(props.cameBack) }))
      .then(() => setOver(problem() !== undefined))
  )
  return (
    <Outside title={over() ? "You are not signed in" : "Signing you in…"}>
      <Show
        when={over()}
        fallback={<p role="status" class="mt-2 text-ink-soft">One moment: your provider is asked.</p>}
      >
        <Problem problem={problem()} />
        <Button
          kind="primary"
          class="mt-6"
          onClick={() => {
            props.onDone()
            goTo("welcome")
          }}
        >
          See all ways in
        </Button>
      </Show>
    </Outside>
  )
}
