/** A field with its name above it, help and trouble below: what is wrong is said where it is, and read out with the field. */
import { createUniqueId, type JSX, onMount, Show, splitProps } from "solid-js"

interface FieldProps extends JSX.InputHTMLAttributes<HTMLInputElement> {
  readonly label: string
  readonly help?: JSX.Element
  /** What is wrong with what was typed, in a sentence. */
  readonly problem?: string | undefined
}

/** The look of whatever one types into. */
export const fieldLook =
  "block w-full rounded-md border border-edge bg-paper px-3 py-2.5 text-base font-normal aria-invalid:border-danger"

export const Field = (props: FieldProps) => {
  const [own, rest] = splitProps(props, ["label", "help", "problem", "class"])
  const id = createUniqueId()
  let input!: HTMLInputElement
  // The attribute counts for the page as it was loaded; this page is put together again and again.
  onMount(() => rest.autofocus === true && input.focus({ preventScroll: true }))
  return (
    <div class={own.class}>
      <label class="block text-sm font-semibold">
        {own.label}
        <input
          {...rest}
          ref={input}
          aria-invalid={own.problem !== undefined}
          aria-describedby={`${id}-help ${id}-problem`}
          class={`mt-1.5 ${fieldLook}`}
        />
      </label>
      <div id={`${id}-help`} class="text-sm text-ink-soft empty:hidden [&>*]:mt-1.5">
        <Show when={own.help}>{(help) => <p>{help()}</p>}</Show>
      </div>
      <p id={`${id}-problem`} role="alert" class="text-sm text-danger">
        <Show when={own.problem}>{(problem) => <span class="mt-1.5 block">{problem()}</span>}</Show>
      </p>
    </div>
  )
}
