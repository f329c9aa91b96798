/** Two groups of the kit are asked back: who can type them has it somewhere else than on this screen. */
import { createSignal, For, Index, onMount } from "solid-js"
import { Button } from "../ui/Button.tsx"
import { fieldLook } from "../ui/Field.tsx"
import { askedGroups, isSameGroup } from "./KitGroups.ts"

interface KitCheckProps {
  readonly kit: ReadonlyArray<string>
  readonly busy: boolean
  readonly action: string
  readonly onChecked: () => void
  readonly onBack: () => void
}

const random = (): number => crypto.getRandomValues(new Uint32Array(1))[0]! / 2 ** 32

export const KitCheck = (props: KitCheckProps) => {
  const asked = askedGroups(props.kit.length, random)
  const [wrong, setWrong] = createSignal<ReadonlyArray<number>>([])
  onMount(() => document.getElementById(`kit-group-${asked[0]}`)?.focus({ preventScroll: true }))
  const submit = (event: SubmitEvent) => {
    event.preventDefault()
    const typed = new FormData(event.currentTarget as HTMLFormElement)
    const wrong = asked.filter((at) => !isSameGroup(String(typed.get(`group-${at}`)), props.kit[at]!))
    setWrong(wrong)
    if (wrong.length === 0) props.onChecked()
    else document.getElementById(`kit-group-${wrong[0]!}`)?.focus()
  }
  return (
    <form class="mt-5" onSubmit={submit}>
      <p class="text-ink-soft">Take your paper or your file, and type these two groups from it.</p>
      <div class="mt-4 grid gap-4 min-[26rem]:grid-cols-2">
        <For each={asked}>
          {(at) => (
            <label class="block text-sm font-semibold">
              Group {at + 1}
              <input
                id={`kit-group-${at}`}
                name={`group-${at}`}
                autocomplete="off"
                autocapitalize="characters"
                spellcheck={false}
                maxlength={16}
                aria-invalid={wrong().includes(at)}
                aria-describedby="kit-check-problem"
                class={`mt-1.5 font-mono tracking-wider uppercase ${fieldLook}`}
              />
            </label>
          )}
        </For>
      </div>
      <div id="kit-check-problem" role="alert" class="text-sm text-danger">
        <Index each={wrong()}>
          {(at) => <p class="mt-2">Group {at() + 1} is not what the kit says. Compare it with the paper.</p>}
        </Index>
      </div>
      <div class="mt-6 flex flex-wrap justify-end gap-2">
        <Button onClick={() => props.onBack()}>Show the kit again</Button>
        <Button kind="primary" type="submit" busy={props.busy}>{props.action}</Button>
      </div>
    </form>
  )
}
