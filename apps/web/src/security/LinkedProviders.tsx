/** What the account's owner is at providers, linked to the account: it signs them in, and opens nothing that is sealed. */
import Link2 from "lucide-solid/icons/link-2"
import { createSignal, For, onMount, Show } from "solid-js"
import { createDoing, inNote } from "../account/Doing.ts"
import { createOffered } from "../account/Offered.ts"
import { sentenceOfVisit } from "../account/Sentences.ts"
import type { Payload } from "../node/Calls.ts"
import { ask, watch } from "../node/Node.ts"
import { takeUp } from "../session/CameBack.ts"
import { Button } from "../ui/Button.tsx"
import { Problem } from "../ui/Problem.tsx"
import { dayName } from "../ui/Times.ts"
import { toast } from "../ui/Toasts.tsx"
import { Answered, Row, rowsLook } from "./Rows.tsx"

type Visit = Payload<"BeginLink">

const unlink = (meansId: string): Promise<void> =>
  ask("RemoveMeans", { meansId }).then(() => toast("Unlinked. Sessions it opened are over."), inNote)

/** Takes up who came back to link; the sentence of what went wrong stays on the page. */
const finish = async (): Promise<void> => {
  const cameBack = takeUp()
  if (cameBack === undefined) return
  const { code, iss, provider, state } = cameBack
  if (code === undefined) return void toast("Nothing was linked.")
  const returned = { provider, origin: location.origin, code, state, ...iss === undefined ? {} : { iss } }
  const { name } = await ask("FinishLink", returned as Payload<"FinishLink">)
  toast(`${name} is linked.`)
}

export const LinkedProviders = () => {
  const own = watch("WatchMeans", () => ({}))
  const known = createOffered()
  const [going, setGoing] = createSignal<string>()
  const { busy, doing, problem } = createDoing(sentenceOfVisit)
  onMount(() => void doing(finish))
  const link = (provider: string) => {
    setGoing(provider)
    void doing(async () => {
      const { url } = await ask("BeginLink", { provider, origin: location.origin } as Visit)
      location.assign(url)
      await new Promise(() => {})
    })
  }
  return (
    <>
      <p class="mb-4 max-w-[60ch] text-ink-soft">
        A linked provider signs you in where none of your devices is at hand. It is no key: your archive stays locked
        until a device unlocks it, and removing devices or deleting the account asks for one. Whoever controls your
        account at the provider can sign in as you, too; an authenticator stops that.
      </p>
      <Answered of={own} rows={1}>
        {(answer) => {
          const linked = () => answer().means.filter(({ means }) => means === "provider")
          return (
            <Show when={linked().length > 0}>
              <ul aria-label="Linked providers" class={rowsLook}>
                <For each={linked()}>
                  {(means) => (
                    <Row
                      icon={<Link2 size={18} />}
                      title={means.name}
                      action={
                        <Button
                          size="small"
                          aria-label={`Unlink ${means.name}`}
                          onClick={() => void unlink(means.meansId)}
                        >
                          Unlink
                        </Button>
                      }
                    >
                      Linked {dayName(means.addedAt)}
                    </Row>
                  )}
                </For>
              </ul>
            </Show>
          )
        }}
      </Answered>
      <Problem problem={problem()} />
      <div class="mt-4 flex flex-wrap gap-2">
        <For
          each={known()}
          fallback={<p class="text-sm text-ink-soft">Who runs this node has named no provider.</p>}
        >
          {({ id, label }) => (
            <Button busy={busy() && going() === id} disabled={busy()} onClick={() => link(id)}>Link {label}</Button>
          )}
        </For>
      </div>
    </>
  )
}
