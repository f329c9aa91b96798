/** What "for good" means, in the same words wherever it is said. */
export const ForGood = (props: { readonly class?: string }) => (
  <p class={`text-ink-soft ${props.class ?? ""}`}>
    For good means: out of the library and the search, with every message, and nothing brings it back, not even
    importing the same export again. Its sealed record stays in the log of your node and in your backups, where no
    screen shows it.
  </p>
)
