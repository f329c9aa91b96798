/** What is shown only when waiting has become noticeable: what comes sooner needs no announcement. */
import { createSignal, type JSX, onCleanup, Show } from "solid-js"

const noticeableMs = 150

export const Late = (props: { readonly children: JSX.Element }) => {
  const [noticeable, setNoticeable] = createSignal(false)
  const timer = setTimeout(() => setNoticeable(true), noticeableMs)
  onCleanup(() => clearTimeout(timer))
  return <Show when={noticeable()}>{props.children}</Show>
}

/** A grey stroke where words will be. */
export const Stroke = (props: { readonly class?: string }) => (
  <span aria-hidden="true" class={`block h-3 rounded-full bg-sunken animate-breathe ${props.class ?? ""}`} />
)
