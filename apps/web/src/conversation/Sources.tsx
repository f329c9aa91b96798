/** The sources of a message, numbered as in its text. */
import { For, Show } from "solid-js"
import type { Source } from "../markdown/Citations.ts"
import { placeOf } from "../markdown/Links.ts"

export const Sources = (props: { readonly sources: ReadonlyArray<Source> }) => (
  <Show when={props.sources.length > 0}>
    <section aria-label="Sources">
      <ol class="grid gap-x-6 gap-y-1 text-sm sm:grid-cols-2">
        <For each={props.sources}>
          {(source) => (
            <li class="flex min-w-0 items-baseline gap-2">
              <span
                aria-hidden="true"
                class="min-w-5 rounded-full bg-accent-wash text-center text-xs font-semibold text-accent-strong"
              >
                {source.number}
              </span>
              <Show
                when={source.href}
                fallback={<span class="truncate text-ink-soft" title={source.title} dir="auto">{source.title}</span>}
              >
                {(href) => (
                  <a
                    href={href()}
                    target="_blank"
                    rel="noopener noreferrer nofollow"
                    title={href()}
                    class="min-w-0 truncate text-ink-soft underline decoration-line underline-offset-3 hover:text-accent-strong hover:decoration-current"
                  >
                    <bdi>{source.title}</bdi> <span class="text-ink-faint">{placeOf(href())}</span>
                  </a>
                )}
              </Show>
            </li>
          )}
        </For>
      </ol>
    </section>
  </Show>
)
