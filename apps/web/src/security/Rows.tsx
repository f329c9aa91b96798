/** Lists of few things with something to do about each: how they look, and how they look before they are known. */
import { For, type JSX, Show } from "solid-js"
import type { Watched } from "../node/Node.ts"
import { Late, Stroke } from "../ui/Late.tsx"
import { sentenceOf } from "../ui/Notice.tsx"
import { exactTime } from "../ui/Times.ts"

export const rowsLook = "divide-y divide-line overflow-hidden rounded-lg border border-line bg-raised"

interface RowProps {
  readonly icon: JSX.Element
  readonly title: JSX.Element
  readonly badge?: string | undefined
  readonly children?: JSX.Element
  readonly action?: JSX.Element
  readonly faint?: boolean
}

export const Row = (props: RowProps) => (
  <li class="flex flex-wrap items-center gap-x-4 gap-y-2 px-4 py-3.5">
    <span
      aria-hidden="true"
      class="grid size-9 shrink-0 place-items-center rounded-full bg-sunken text-ink-soft"
      classList={{ "opacity-60": props.faint === true }}
    >
      {props.icon}
    </span>
    <div class="min-w-40 flex-1">
      <p
        class="flex flex-wrap items-center gap-x-2 font-semibold"
        classList={{ "text-ink-soft": props.faint === true }}
      >
        <span class="min-w-0 break-words" dir="auto">{props.title}</span>
        <Show when={props.badge}>
          <span class="rounded-full bg-accent-wash px-2 py-0.5 text-2xs font-semibold text-accent-strong">
            {props.badge}
          </span>
        </Show>
      </p>
      <div class="text-sm text-ink-soft">{props.children}</div>
    </div>
    <div class="ms-auto shrink-0 empty:hidden">{props.action}</div>
  </li>
)

/** What has happened, and when. */
export const Dated = (props: { readonly at: number; readonly children: JSX.Element }) => (
  <li class="grid gap-x-4 sm:grid-cols-[minmax(0,1fr)_auto]">
    <div>{props.children}</div>
    <time datetime={new Date(props.at).toISOString()} class="text-sm text-ink-faint">{exactTime(props.at)}</time>
  </li>
)

/** As many rows as there will be, roughly. */
const Unknown = (props: { readonly rows: number }) => (
  <div class={rowsLook}>
    <For each={Array.from({ length: props.rows })}>
      {() => (
        <div class="flex h-[4.4rem] items-center gap-4 px-4">
          <Late>
            <Stroke class="size-9 shrink-0" />
            <div class="w-full space-y-2.5">
              <Stroke class="w-2/5" />
              <Stroke class="w-3/5" />
            </div>
          </Late>
        </div>
      )}
    </For>
  </div>
)

interface RowsProps<A> {
  readonly of: Watched<A>
  readonly rows: number
  readonly children: (answer: () => A) => JSX.Element
}

/** What a watch answers, what is there before it, and what is said when it is refused. */
export const Answered = <A extends object>(props: RowsProps<A>) => (
  <Show
    when={props.of.refusal()}
    fallback={
      <Show when={props.of.answer() !== undefined} fallback={<Unknown rows={props.rows} />}>
        {props.children(() => props.of.answer()!)}
      </Show>
    }
  >
    {(refusal) => <p role="alert" class="text-ink-soft">{sentenceOf(refusal())}</p>}
  </Show>
)
