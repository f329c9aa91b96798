/** Searching: results while typing, each leading to its message; the arrows go from the field into the results and back. */
import { useNavigate, useSearchParams } from "@solidjs/router"
import { createEffect, createMemo, createSignal } from "solid-js"
import { PageTitle } from "../app/PageTitle.tsx"
import { watch } from "../node/Node.ts"
import { createFound } from "../sealed/Found.ts"
import { announce } from "../ui/Announcer.tsx"
import { counted } from "../ui/Counts.ts"
import { hearKeys } from "../ui/ScrolledList.ts"
import { createTypedText } from "../ui/TypedText.ts"
import { askedBy, type Question, readQuestion, writeQuestion } from "./Question.ts"
import { SearchField } from "./SearchField.tsx"
import { SearchFilters } from "./SearchFilters.tsx"
import { SearchResults } from "./SearchResults.tsx"
import { hrefOf } from "./Segments.tsx"

const typingMs = 80
const sayingMs = 600
const limits = [25, 100]

/** The arrows lead from result to result, and from the first one back to the field. */
const createResultKeys = (results: () => HTMLElement, field: () => HTMLElement) => {
  const links = () => [...results().querySelectorAll<HTMLElement>("a")]
  hearKeys((event) => {
    const all = links()
    const at = all.indexOf(document.activeElement as HTMLElement)
    if (at < 0 || (event.key !== "ArrowDown" && event.key !== "ArrowUp")) return
    event.preventDefault()
    const next = event.key === "ArrowDown" ? all[at + 1] : at === 0 ? field() : all[at - 1]
    next?.focus({ preventScroll: true })
    next?.scrollIntoView({ block: "nearest" })
  })
  return { links }
}

const SearchPage = () => {
  const [address, setAddress] = useSearchParams()
  const navigate = useNavigate()
  const question = createMemo(() => readQuestion(address))
  const [more, setMore] = createSignal(0)
  let field!: HTMLInputElement
  let results!: HTMLElement
  const choose = (change: Partial<Question>) => {
    setMore(0)
    setAddress(writeQuestion({ ...question(), ...change }), { replace: true })
  }
  const [typed, setTyped] = createTypedText(() => question().q, typingMs, (q) => {
    choose({ q })
    return q
  })
  const asked = () => askedBy(question(), limits[more()]!)
  const found = createFound(asked, watch("WatchSearch", asked, { keep: true }))
  createEffect(() => {
    const hits = found.answer()?.hits.length
    if (hits !== undefined && !found.waiting()) {
      announce(hits === 0 ? "Nothing found" : counted(hits, "result"), sayingMs)
    }
  })

  const { links } = createResultKeys(() => results, () => field)
  const [entered, setEntered] = createSignal(false)
  // Enter means the best hit for what is in the field, also when that is still being asked.
  createEffect(() => {
    const first = found.answer()?.hits[0]
    if (!entered() || found.waiting() || question().q !== typed()) return
    setEntered(false)
    if (first !== undefined) navigate(hrefOf(first, question().q))
  })
  return (
    <>
      <PageTitle title={question().q === "" ? "Search" : `${question().q} – Search`} />
      <div class="mx-auto max-w-3xl px-4 pb-16 sm:px-6">
        <div class="sticky top-0 z-10 -mx-4 bg-paper px-4 pt-7 pb-3 sm:-mx-6 sm:px-6 sm:pt-10">
          <h1 class="mb-3 font-serif text-2xl">Search</h1>
          <SearchField
            ref={(element) => (field = element)}
            text={typed()}
            onType={(text) => {
              setEntered(false)
              setTyped(text)
            }}
            onEnter={() => setEntered(true)}
            onDown={() => links()[0]?.focus({ preventScroll: true })}
          />
          <SearchFilters question={question()} choose={choose} />
        </div>
        <section ref={results} aria-label="Results" class="scroll-mt-60">
          <SearchResults
            question={question()}
            found={found}
            canShowMore={more() < limits.length - 1}
            onMore={() => setMore(more() + 1)}
          />
        </section>
      </div>
    </>
  )
}

export default SearchPage
