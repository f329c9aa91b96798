/** What can be pressed: a button with words, and one with an icon whose words are for those who cannot see it. */
import { type JSX, Show, splitProps } from "solid-js"

type Kind = "primary" | "secondary" | "ghost" | "danger"

const looks: Record<Kind, string> = {
  primary: "bg-accent text-on-accent hover:bg-accent-strong border-transparent",
  secondary: "bg-raised text-ink border-edge/60 hover:border-edge hover:bg-paper",
  ghost: "bg-transparent text-ink-soft border-transparent hover:bg-sunken hover:text-ink",
  danger: "bg-danger text-on-danger border-transparent hover:brightness-110"
}

interface ButtonProps extends JSX.ButtonHTMLAttributes<HTMLButtonElement> {
  readonly kind?: Kind
  /** Work is being done: the button says so, keeps its width and cannot be pressed again. */
  readonly busy?: boolean
  readonly size?: "small" | "medium"
}

export const Button = (props: ButtonProps) => {
  const [own, rest] = splitProps(props, ["kind", "busy", "size", "class", "children", "disabled"])
  return (
    <button
      type="button"
      {...rest}
      disabled={own.disabled === true || own.busy === true}
      aria-busy={own.busy === true ? "true" : undefined}
      class={`relative inline-flex items-center justify-center gap-2 rounded-md border font-medium whitespace-nowrap
        transition-colors duration-150 disabled:opacity-60 ${own.size === "small" ? "h-8 px-2.5 text-sm" : "h-10 px-4"}
        ${looks[own.kind ?? "secondary"]} ${own.class ?? ""}`}
    >
      <span class="contents" classList={{ "[&>*]:invisible": own.busy === true }}>{own.children}</span>
      <Show when={own.busy}>
        <span
          aria-hidden="true"
          class="absolute size-4 animate-spin rounded-full border-2 border-current border-t-transparent"
        />
      </Show>
    </button>
  )
}

interface IconButtonProps extends JSX.ButtonHTMLAttributes<HTMLButtonElement> {
  /** What it does, in words. */
  readonly label: string
}

export const IconButton = (props: IconButtonProps) => {
  const [own, rest] = splitProps(props, ["label", "class", "children"])
  return (
    <button
      type="button"
      title={own.label}
      {...rest}
      aria-label={own.label}
      class={`grid size-9 shrink-0 place-items-center rounded-md text-ink-soft transition-colors duration-150
        hover:bg-sunken hover:text-ink disabled:opacity-40 disabled:hover:bg-transparent ${own.class ?? ""}`}
    >
      {own.children}
    </button>
  )
}

/** What a question is answered with, at its end. */
export const Answers = (props: { readonly children: JSX.Element; readonly class?: string }) => (
  <div class={`mt-6 flex flex-wrap justify-end gap-2 ${props.class ?? ""}`}>{props.children}</div>
)
