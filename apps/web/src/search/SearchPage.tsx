/** Searching: results while typing, each leading to its message; the arrows go from the field into the results and back. */
import { useNavigate, useSearchParams } from "@solidjs/router"
import SearchIcon from "lucide-solid/icons/search"
import X from "lucide-solid/icons/x"
import { createEffect, createMemo, createSignal, on, onCleanup, onMount, Show } from "solid-js"
import { PageTitle } from "../app/PageTitle.tsx"
import { watch } from "../node/Node.ts"
import { announce } from "../ui/Announcer.tsx"
import { IconButton } from "../ui/Button.tsx"
import { counted } from "../ui/Numbers.ts"
import { askedBy, type Question, readQuestion, writeQuestion } from "./Question.ts"
import { SearchFilters } from "./SearchFilters.tsx"
import { SearchResults } from "./SearchResults.tsx"
import { hrefOf } from "./Segments.tsx"

const typingMs = 80
const limits = [25, 100]

const SearchPage = () => {
  const [address, setAddress] = useSearchParams()
  const navigate = useNavigate()
  const question = createMemo(() => readQuestion(address))
  const [typed, setTyped] = createSignal(question().q)
  const [more, setMore] = createSignal(0)
  let field!: HTMLInputElement
  let results!: HTMLElement
  const choose = (change: Partial<Question>) => {
    setMore(0)
    setAddress(writeQuestion({ ...question(), ...change }), { replace: true })
  }
  const found = watch("WatchSearch", () => askedBy(question(), limits[more()]!), { keep: true })
  createEffect(on(typed, (typed) => {
    const timer = setTimeout(() => choose({ q: typed }), typingMs)
    onCleanup(() => clearTimeout(timer))
  }, { defer: true }))
  createEffect(() => {
    const hits = found.answer()?.hits.length
    if (hits !== undefined && !found.waiting()) announce(hits === 0 ? "Nothing found" : counted(hits, "result"), 600)
  })
  onMount(() => field.focus())

  const links = () => [...results.querySelectorAll<HTMLElement>("a")]
  const fromField = (event: KeyboardEvent) => {
    if (event.key === "ArrowDown") {
      event.preventDefault()
      links()[0]?.focus()
    }
    if (event.key === "Escape" && typed() !== "") setTyped("")
  }
  const inResults = (event: KeyboardEvent) => {
    const all = links()
    const at = all.indexOf(document.activeElement as HTMLElement)
    if (at < 0 || (event.key !== "ArrowDown" && event.key !== "ArrowUp")) return
    event.preventDefault()
    const next = event.key === "ArrowDown" ? all[at + 1] : at === 0 ? field : all[at - 1]
    next?.focus()
    next?.scrollIntoView({ block: "nearest" })
  }
  const openFirst = (event: SubmitEvent) => {
    event.preventDefault()
    const first = found.answer()?.hits[0]
    if (first !== undefined && !found.waiting()) navigate(hrefOf(first, question().q))
  }
  return (
    <>
      <PageTitle title={question().q === "" ? "Search" : `${question().q} – Search`} />
      <div class="mx-auto max-w-3xl px-4 pb-16 sm:px-6">
        <div class="sticky top-0 z-10 -mx-4 bg-paper px-4 pt-7 pb-3 sm:-mx-6 sm:px-6 sm:pt-10">
          <h1 class="mb-3 font-serif text-2xl">Search</h1>
          <form role="search" class="relative" onSubmit={openFirst}>
            <SearchIcon size={18} aria-hidden="true" class="pointer-events-none absolute start-4 top-1/2 -translate-y-1/2 text-ink-faint" />
            <input
              ref={field}
              type="search"
              aria-label="Search your conversations"
              placeholder="Words you remember"
              autocomplete="off"
              spellcheck={false}
              maxlength={512}
              dir="auto"
              value={typed()}
              onInput={(event) => setTyped(event.currentTarget.value)}
              onKeyDown={fromField}
              class="h-13 w-full rounded-lg border border-edge bg-raised ps-11 pe-12 text-lg placeholder:text-ink-faint"
            />
            <Show when={typed() !== ""}>
              <IconButton
                label="Clear"
                class="absolute end-2 top-2"
                onClick={() => {
                  setTyped("")
                  field.focus()
                }}
              >
                <X size={18} aria-hidden="true" />
              </IconButton>
            </Show>
          </form>
          <SearchFilters question={question()} choose={choose} />
        </div>
        <section ref={results} aria-label="Results" onKeyDown={inResults}>
          <SearchResults
            question={question()}
            found={found}
            canShowMore={more() < limits.length - 1}
            isAtMost={limits[more()]!}
            onMore={() => setMore(more() + 1)}
          />
        </section>
      </div>
    </>
  )
}

export default SearchPage
