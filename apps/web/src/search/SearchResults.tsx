/** What was found: every hit a link to its message, with the words marked. */
import { A } from "@solidjs/router"
import SearchX from "lucide-solid/icons/search-x"
import { For, Match, Show, Switch } from "solid-js"
import type { Answer } from "../node/Calls.ts"
import type { Watched } from "../node/Node.ts"
import { isFoundHere } from "../sealed/Found.ts"
import { canSeal, indexed } from "../sealed/Sealed.ts"
import { SealedSign } from "../sealed/SealedSign.tsx"
import { Button } from "../ui/Button.tsx"
import { counted } from "../ui/Counts.ts"
import { Late, Stroke } from "../ui/Late.tsx"
import { Notice, sentenceOf } from "../ui/Notice.tsx"
import { providerName, ProviderSign } from "../ui/Providers.tsx"
import { exactTime, nearTime } from "../ui/Times.ts"
import type { Question } from "./Question.ts"
import { hrefOf, Segments } from "./Segments.tsx"

type Found = Answer<"WatchSearch">
type Hit = Found["hits"][number]

interface SearchResultsProps {
  readonly question: Question
  readonly found: Watched<Found>
  readonly canShowMore: boolean
  readonly onMore: () => void
}

const speakers = { user: "You", assistant: "Assistant", system: "System", tool: "Tool" }

const HitView = (props: { readonly hit: Hit; readonly query: string }) => (
  <li>
    <A
      href={hrefOf(props.hit, props.query)}
      class="block rounded-lg px-3 py-3.5 hover:bg-raised focus-visible:bg-raised"
    >
      <span class="flex items-center gap-2.5">
        <ProviderSign provider={props.hit.provider} />
        <span class="truncate font-medium" dir="auto">
          <Segments of={props.hit.title} />
        </span>
        <Show when={isFoundHere(props.hit)}>
          <SealedSign />
        </Show>
        <span class="sr-only">, {providerName(props.hit.provider)}</span>
        <Show when={props.hit.at}>
          {(at) => (
            <time
              class="ms-auto shrink-0 text-xs text-ink-faint"
              datetime={new Date(at()).toISOString()}
              title={exactTime(at())}
            >
              {nearTime(at())}
            </time>
          )}
        </Show>
      </span>
      <Show when={props.hit.snippet.length > 0}>
        <span class="mt-1 line-clamp-3 ps-6.5 text-ink-soft [overflow-wrap:anywhere]">
          <Show when={props.hit.role}>
            {(role) => <span class="me-1.5 font-semibold text-ink">{speakers[role()]}:</span>}
          </Show>
          <bdi>
            <Segments of={props.hit.snippet} />
          </bdi>
        </span>
      </Show>
    </A>
  </li>
)

/** The node looks into nothing that is sealed: this device does, as far as its index has come. */
const SealedNote = (props: { readonly of: number }) => (
  <Show when={props.of > 0}>
    <p class="flex items-center gap-2 px-3 pt-3 text-sm text-ink-soft">
      <SealedSign />
      <span>
        <Show
          when={canSeal()}
          fallback={`${
            counted(props.of, "conversation")
          } sealed by the account's own devices: nothing here can look into them.`}
        >
          {counted(props.of, "sealed conversation")}, searched on this device
          <Show when={indexed()} fallback="">
            {(now) => (
              <>
                {now().done < now().of ? `: its index is at ${now().done} of ${now().of}` : ""}
                {now().broken > 0 ? `; ${counted(now().broken, "conversation")} cannot be opened` : ""}
              </>
            )}
          </Show>.
        </Show>
      </span>
    </p>
  </Show>
)

const Hints = () => (
  <div class="px-3 py-10 text-ink-soft">
    <p class="font-serif text-lg text-ink">Two or three words are enough.</p>
    <ul class="mt-3 space-y-1.5">
      <li>
        <code class="rounded-sm bg-sunken px-1.5 py-0.5 font-mono text-sm">"cold start"</code> finds the phrase
      </li>
      <li>
        <code class="rounded-sm bg-sunken px-1.5 py-0.5 font-mono text-sm">bread -sourdough</code> leaves a word out
      </li>
      <li>
        <code class="rounded-sm bg-sunken px-1.5 py-0.5 font-mono text-sm">consen</code>{" "}
        finds consensus and consent while you type
      </li>
    </ul>
  </div>
)

const Looking = () => (
  <Late>
    <ul aria-hidden="true" class="space-y-7 px-3 py-4">
      <For each={[0, 1, 2, 3]}>
        {() => (
          <li class="space-y-3">
            <Stroke class="w-1/2" />
            <Stroke class="ms-6 w-5/6" />
          </li>
        )}
      </For>
    </ul>
  </Late>
)

export const SearchResults = (props: SearchResultsProps) => (
  <Switch fallback={<Looking />}>
    <Match when={props.question.q.trim() === ""}>
      <Hints />
    </Match>
    <Match when={props.found.refusal()}>
      {(refusal) => (
        <Notice alert title="That could not be searched for" icon={<SearchX size={24} />}>
          {sentenceOf(refusal())}
        </Notice>
      )}
    </Match>
    <Match when={props.found.answer()?.hits.length === 0 && !props.found.waiting()}>
      <Notice title="Nothing found" icon={<SearchX size={24} />}>
        No message holds these words. Fewer words find more; so does looking at hidden steps too.
      </Notice>
      <SealedNote of={props.found.answer()?.sealed ?? 0} />
    </Match>
    <Match when={props.found.answer()}>
      {(found) => (
        <>
          <SealedNote of={found().sealed} />
          <Show when={found().matched === "some"}>
            <p class="px-3 pt-3 text-sm text-ink-soft">No message holds all of these words. These hold some of them:</p>
          </Show>
          <ol role="list" class="divide-y divide-line/60 pt-2">
            <For each={found().hits}>{(hit) => <HitView hit={hit} query={props.question.q} />}</For>
          </ol>
          <Show when={found().more}>
            <div class="px-3 py-5 text-center text-sm text-ink-soft">
              <Show
                when={props.canShowMore}
                fallback="These are the best hundred. One more word would narrow them down."
              >
                <Button onClick={() => props.onMore()}>Show more</Button>
              </Show>
            </div>
          </Show>
        </>
      )}
    </Match>
  </Switch>
)
