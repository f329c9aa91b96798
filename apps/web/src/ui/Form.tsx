/** A form that never leaves the page: when it is sent, what was typed into each field is told by the field's name. */
import type { JSX } from "solid-js"

/** What was typed into the field of this name, without space around it. */
export type Typed = (name: string) => string

interface FormProps {
  readonly class?: string
  readonly onTyped: (typed: Typed) => void
  readonly children: JSX.Element
}

export const Form = (props: FormProps) => (
  <form
    class={props.class}
    onSubmit={(event) => {
      event.preventDefault()
      const typed = new FormData(event.currentTarget)
      props.onTyped((name) => String(typed.get(name) ?? "").trim())
    }}
  >
    {props.children}
  </form>
)
