/** Two groups of the kit are asked back: who can type them has it somewhere else than on this screen. */
import { createSignal, For, onMount } from "solid-js"
import { Answers, Button } from "../ui/Button.tsx"
import { Field } from "../ui/Field.tsx"
import { Form, type Typed } from "../ui/Form.tsx"
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
  const check = (typed: Typed) => {
    const wrong = asked.filter((at) => !isSameGroup(typed(`group-${at}`), props.kit[at]!))
    setWrong(wrong)
    if (wrong.length === 0) props.onChecked()
    else document.getElementById(`kit-group-${wrong[0]!}`)?.focus()
  }
  return (
    <Form class="mt-5" onTyped={check}>
      <p class="text-ink-soft">Take your paper or your file, and type these two groups from it.</p>
      <div class="mt-4 grid gap-4 min-[26rem]:grid-cols-2">
        <For each={asked}>
          {(at) => (
            <Field
              id={`kit-group-${at}`}
              look="font-mono tracking-wider uppercase"
              label={`Group ${at + 1}`}
              name={`group-${at}`}
              autocomplete="off"
              autocapitalize="characters"
              spellcheck={false}
              maxlength={16}
              problem={wrong().includes(at)
                ? `Group ${at + 1} is not what the kit says. Compare it with the paper.`
                : undefined}
            />
          )}
        </For>
      </div>
      <Answers>
        <Button onClick={() => props.onBack()}>Show the kit again</Button>
        <Button kind="primary" type="submit" busy={props.busy}>{props.action}</Button>
      </Answers>
    </Form>
  )
}
