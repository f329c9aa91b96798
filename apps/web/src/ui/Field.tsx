/** A field with its name above it, help and trouble below: what is wrong is said where it is, and read out with the field. */
import { createUniqueId, type JSX, onMount, Show, splitProps } from "solid-js"

interface FrameProps {
  readonly label: string
  readonly help?: JSX.Element
  /** What is wrong with what was typed, in a sentence. */
  readonly problem?: string | undefined
  readonly class?: string | undefined
  /** Of what is typed, where it is not the look of all fields. */
  readonly look?: string
}

export interface FieldProps extends FrameProps, Omit<JSX.InputHTMLAttributes<HTMLInputElement>, "class"> {}
interface LongFieldProps extends FrameProps, Omit<JSX.TextareaHTMLAttributes<HTMLTextAreaElement>, "class"> {}

const ofFrame = ["label", "help", "problem", "class", "look"] as const

/** The look of whatever one types into. */
const fieldLook =
  "mt-1.5 block w-full rounded-md border border-edge bg-paper px-3 py-2.5 text-base font-normal aria-invalid:border-danger"

const Frame = (props: FrameProps & { readonly id: string; readonly children: JSX.Element }) => (
  <div class={props.class}>
    <label class="block text-sm font-semibold">
      {props.label}
      {props.children}
    </label>
    <div id={`${props.id}-help`} class="text-sm text-ink-soft empty:hidden [&>*]:mt-1.5">
      <Show when={props.help}>{(help) => <p>{help()}</p>}</Show>
    </div>
    <p id={`${props.id}-problem`} role="alert" class="text-sm text-danger">
      <Show when={props.problem}>{(problem) => <span class="mt-1.5 block">{problem()}</span>}</Show>
    </p>
  </div>
)

/** The attribute counts for the page as it was loaded; this page is put together again and again. */
const takeFocus = (field: HTMLElement, wanted: boolean | undefined): void => {
  if (wanted === true) field.focus({ preventScroll: true })
}

export const Field = (props: FieldProps) => {
  const [own, rest] = splitProps(props, ofFrame)
  const id = createUniqueId()
  let field!: HTMLInputElement
  onMount(() => takeFocus(field, rest.autofocus))
  return (
    <Frame {...own} id={id}>
      <input
        {...rest}
        ref={field}
        aria-invalid={own.problem !== undefined}
        aria-describedby={`${id}-help ${id}-problem`}
        class={`${fieldLook} ${own.look ?? ""}`}
      />
    </Frame>
  )
}

/** For what takes several lines. */
export const LongField = (props: LongFieldProps) => {
  const [own, rest] = splitProps(props, ofFrame)
  const id = createUniqueId()
  let field!: HTMLTextAreaElement
  onMount(() => takeFocus(field, rest.autofocus))
  return (
    <Frame {...own} id={id}>
      <textarea
        {...rest}
        ref={field}
        aria-invalid={own.problem !== undefined}
        aria-describedby={`${id}-help ${id}-problem`}
        class={`resize-none ${fieldLook} ${own.look ?? ""}`}
      />
    </Frame>
  )
}
