/** The sign of what is sealed: a lock, and its word for those who do not see it. */
import Lock from "lucide-solid/icons/lock"

export const SealedSign = (props: { readonly class?: string }) => (
  <Lock size={13} class={`shrink-0 text-ink-soft ${props.class ?? ""}`} aria-label="Sealed" role="img" />
)
