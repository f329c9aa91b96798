/** The frame of what is seen before anyone is signed in: the name, a card, and the way back. */
import ArrowLeft from "lucide-solid/icons/arrow-left"
import { type JSX, onMount, Show } from "solid-js"
import { Wordmark } from "../ui/Wordmark.tsx"
import { goTo, type Step } from "./Steps.ts"

interface OutsideProps {
  readonly title: string
  readonly children: JSX.Element
  /** Where one came from; a first page has none. */
  readonly back?: Step
  readonly wide?: boolean
  /** Of a journey of several pages: which one this is. */
  readonly at?: { readonly step: number; readonly of: number }
}

export const Outside = (props: OutsideProps) => {
  let heading!: HTMLHeadingElement
  // A new page is read from its title, unless one of its fields has taken the focus.
  onMount(() => {
    document.title = `${props.title} · VIVIM`
    if (document.activeElement === document.body) heading.focus({ preventScroll: true })
  })
  return (
    <main class="grid min-h-full place-items-center bg-rail px-4 py-8 sm:px-5 sm:py-10 print:block print:bg-transparent print:p-0">
      <div class={`w-full animate-rise ${props.wide === true ? "max-w-xl" : "max-w-md"}`}>
        <div class="mb-6 flex min-h-9 items-center justify-between gap-4 sm:mb-8 print:hidden">
          <Wordmark class="text-2xl" />
          <Show when={props.back}>
            {(back) => (
              <button
                type="button"
                onClick={() => goTo(back())}
                class="inline-flex items-center gap-2 rounded-md px-2 py-1.5 text-sm text-ink-soft hover:text-ink"
              >
                <ArrowLeft size={16} aria-hidden="true" />Back
              </button>
            )}
          </Show>
        </div>
        <div class="rounded-xl border border-line bg-raised p-6 shadow-raised sm:p-8 print:border-0 print:p-0 print:shadow-none">
          <Show when={props.at}>
            {(at) => (
              <p class="mb-1 text-sm text-ink-faint print:hidden">
                Step {at().step} of {at().of}
              </p>
            )}
          </Show>
          <h1 ref={heading} tabindex="-1" class="font-serif text-xl text-balance outline-none print:hidden">
            {props.title}
          </h1>
          {props.children}
        </div>
      </div>
    </main>
  )
}
