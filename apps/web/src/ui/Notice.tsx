/** A whole screen's worth of "there is nothing here", "that went wrong" and "not found": what happened, and what can be done. */
import type { JSX } from "solid-js"
import { Show } from "solid-js"
import { Dynamic } from "solid-js/web"
import { type Refusal, Refused } from "../node/Calls.ts"

interface NoticeProps {
  readonly title: string
  readonly icon?: JSX.Element
  readonly children?: JSX.Element
  readonly action?: JSX.Element
  /** 1 where it is all there is on the screen. */
  readonly level?: 1 | 2
  /** Spoken at once: for what went wrong. */
  readonly alert?: boolean
}

export const Notice = (props: NoticeProps) => (
  <section
    role={props.alert === true ? "alert" : undefined}
    class="mx-auto flex max-w-md animate-rise flex-col items-center px-6 py-16 text-center"
  >
    <Show when={props.icon}>
      <div aria-hidden="true" class="mb-5 grid size-14 place-items-center rounded-full bg-sunken text-ink-soft">
        {props.icon}
      </div>
    </Show>
    <Dynamic component={props.level === 1 ? "h1" : "h2"} class="font-serif text-xl">{props.title}</Dynamic>
    <div class="mt-2 text-ink-soft">{props.children}</div>
    <Show when={props.action}>
      <div class="mt-6">{props.action}</div>
    </Show>
  </section>
)

const sentences: Record<string, string> = {
  NoSuchDocument: "There is no such conversation in your archive, or it is not yours.",
  DocumentDeleted: "This conversation has been deleted.",
  NoSuchImport: "There is no such import.",
  NothingToChange: "Everything already is as asked.",
  Mistake: "Something went wrong that should not have. Your data is safe; reloading the page may help."
}

/** A refusal in words. What the node says for people to read wins over our own. */
export const sentenceOf = (refusal: Refusal): string =>
  sentences[refusal._tag] ?? refusal.message ?? `The node answered “${refusal._tag}”.`

export const sentenceOfError = (error: unknown): string =>
  error instanceof Refused ? sentenceOf(error.refusal) : sentenceOf({ _tag: "Mistake" })
