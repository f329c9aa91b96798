/** Who somebody is to be on this node: the name that is theirs alone, the one they are called by, and an invitation where they have one. */
import { createSignal } from "solid-js"
import { Button } from "../ui/Button.tsx"
import { Field } from "../ui/Field.tsx"
import { Form, type Typed } from "../ui/Form.tsx"
import { HandleField, handleIn } from "./Handle.tsx"
import type { Person } from "./Keys.ts"

const handlePattern = /^[a-z][a-z0-9._-]{0,38}[a-z0-9]$|^[a-z]$/

const wrongWith = (handle: string): string | undefined => {
  if (handle === "") return "Choose a name first."
  if (handlePattern.test(handle)) return undefined
  return "Small letters, digits, dots and dashes; a letter first, no mark at the end, at most 40."
}

interface WhoProps {
  readonly person: Person
  readonly problem: string | undefined
  readonly busy: boolean
  readonly action: string
  readonly onPerson: (person: Person) => void
}

export const Who = (props: WhoProps) => {
  const [wrong, setWrong] = createSignal<string>()
  const hear = (typed: Typed) => {
    const [handle, displayName, invitation] = [handleIn(typed("handle")), typed("name"), typed("invitation")]
    setWrong(wrongWith(handle))
    if (wrong() !== undefined) return
    props.onPerson({
      handle,
      displayName: displayName === "" ? handle : displayName,
      ...invitation === "" ? {} : { invitation }
    })
  }
  return (
    <Form class="mt-6 space-y-4" onTyped={hear}>
      <HandleField
        value={props.person.handle}
        autofocus
        help="How others find you on this node. It cannot be changed later."
        problem={wrong() ?? props.problem}
      />
      <Field
        label="Your name"
        name="name"
        value={props.person.displayName}
        autocomplete="name"
        maxlength={128}
        dir="auto"
        help="As you like to be called. It can be changed at any time."
      />
      <details class="text-sm">
        <summary class="inline-block rounded-md py-1 text-accent underline underline-offset-4">
          I have an invitation, or run this node
        </summary>
        <Field
          label="Invitation"
          name="invitation"
          class="mt-3"
          autocomplete="off"
          spellcheck={false}
          maxlength={256}
          help="Whoever runs the node puts the token here that it printed when it first started, and runs it with this account."
        />
      </details>
      <Button kind="primary" type="submit" busy={props.busy} class="w-full">{props.action}</Button>
    </Form>
  )
}
