/** The name and its mark: a V that is also the fork of a conversation, one of whose branches is lit. */
import { splitProps } from "solid-js"

const Mark = (props: { readonly class?: string }) => (
  <svg viewBox="0 0 32 32" class={`size-[1.15em] shrink-0 ${props.class ?? ""}`} aria-hidden="true">
    <g fill="none" stroke="currentColor" stroke-width="2.6" stroke-linecap="round">
      <path d="M16 26.5C15.4 18 11.5 11 5.5 6.5" />
      <path d="M16 26.5C16.6 18 20.5 11 26.5 6.5" />
    </g>
    <circle cx="5.5" cy="6" r="3" fill="currentColor" />
    <circle cx="26.5" cy="6" r="3.6" class="fill-lit" />
  </svg>
)

export const Wordmark = (props: { readonly class?: string }) => {
  const [own] = splitProps(props, ["class"])
  return (
    <span class={`inline-flex items-center gap-[0.45em] font-serif font-semibold ${own.class ?? ""}`}>
      <Mark class="text-accent" />
      <span class="tracking-[0.14em]">VIVIM</span>
    </span>
  )
}
