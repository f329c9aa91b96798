/** What rows of conversations are made of, so that all lists of them look alike: the frame with its margin, and the link. */
import { A } from "@solidjs/router"
import Star from "lucide-solid/icons/star"
import { type JSX, Show } from "solid-js"
import { SealedSign } from "../sealed/SealedSign.tsx"
import { Stroke } from "../ui/Late.tsx"
import { ProviderSign } from "../ui/Providers.tsx"
import type { Summary } from "./Rows.ts"

interface RowLinkProps {
  readonly row: Summary
  /** The one row of the list the Tab key stops at. */
  readonly current: boolean
  readonly onFocus: () => void
  readonly children: JSX.Element
}

/** One row, in pixels; the same everywhere, so that a row's place is known before the row is. The classes `h-[66px]` say it again. */
export const rowHeight = 66
const frame =
  "group/row relative grid grid-cols-[minmax(0,1fr)_auto] items-center gap-x-3 lg:grid-cols-[6.5rem_minmax(0,1fr)_auto]"

interface RowFrameProps {
  /** What the row and those after it are filed under, where that is news. */
  readonly margin: string | undefined
  readonly leaving: boolean
  readonly children: JSX.Element
}

export const RowFrame = (props: RowFrameProps) => (
  <div class={`${frame} h-full`} classList={{ "opacity-40": props.leaving }}>
    <span class="hidden self-start pt-3 ps-2 font-serif text-sm text-ink-faint italic lg:block">{props.margin}</span>
    <div class="relative col-span-2 grid h-full grid-cols-[minmax(0,1fr)_auto] items-center gap-x-3 border-t border-line/70 ps-2 pe-1 transition-colors duration-100 group-hover/row:bg-raised">
      {props.children}
    </div>
  </div>
)

export const RowSkeleton = () => (
  <div class={`${frame} h-[66px]`} aria-hidden="true">
    <span class="hidden lg:block" />
    <div class="col-span-2 grid h-full content-center gap-2.5 border-t border-line/70 ps-2">
      <Stroke class="w-1/2" />
      <Stroke class="h-2 w-1/4" />
    </div>
  </div>
)

export const particulars =
  "mt-0.5 flex min-w-0 items-center text-xs text-ink-faint [&>*+*]:before:px-1.5 [&>*+*]:before:content-['·']"

/** The whole row can be pressed: it leads to the conversation. */
export const RowLink = (props: RowLinkProps) => (
  <A
    href={`/c/${encodeURIComponent(props.row.documentId)}`}
    tabindex={props.current ? 0 : -1}
    onFocus={() => props.onFocus()}
    class="min-w-0 outline-none before:absolute before:inset-0 before:rounded-md focus-visible:before:outline-2 focus-visible:before:-outline-offset-2 focus-visible:before:outline-accent"
  >
    <span class="flex min-w-0 items-center gap-2.5">
      <ProviderSign provider={props.row.provider} />
      <span
        class="truncate font-medium"
        classList={{ "italic text-ink-soft": props.row.titleDerived }}
        dir="auto"
      >
        {props.row.title}
      </span>
      <Show when={props.row.sealed}>
        <SealedSign />
      </Show>
      <Show when={props.row.starred}>
        <Star size={13} class="shrink-0 fill-found text-warn" aria-label="Starred" role="img" />
      </Show>
    </span>
    <span class="block ps-6.5">{props.children}</span>
  </A>
)
