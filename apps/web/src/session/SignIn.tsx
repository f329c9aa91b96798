/**
 * Who is here: a bearer token, taken from the link the node printed (`/#token=…`) or pasted, kept in this browser.
 * This is the whole of signing in; the session that replaces it replaces this file.
 */
import { createSignal, Show } from "solid-js"
import { Button } from "../ui/Button.tsx"
import { Wordmark } from "../ui/Wordmark.tsx"

const kept = "vivim.token"

/** Takes a token out of the address, so that it stays in neither the address bar nor the history. */
const takeFromAddress = (): string | undefined => {
  const found = /^#token=(.+)$/.exec(location.hash)?.[1]
  if (found === undefined) return undefined
  history.replaceState(history.state, "", location.pathname + location.search)
  return decodeURIComponent(found).trim()
}

const arrived = takeFromAddress()
if (arrived !== undefined) localStorage.setItem(kept, arrived)
const [token, setToken] = createSignal<string | undefined>(localStorage.getItem(kept) ?? undefined)
const [farewell, setFarewell] = createSignal<string>()

/** The token of the session, or `undefined`: nobody is signed in. */
export { token }

const enter = (token: string): void => {
  localStorage.setItem(kept, token)
  setFarewell(undefined)
  setToken(token)
}

/** Ends the session in this browser; `why` is said on the page that asks for the next. */
export const leave = (why?: string): void => {
  localStorage.removeItem(kept)
  setFarewell(why)
  setToken(undefined)
}

// Signing in or out in one tab holds for all of them.
addEventListener("storage", ({ key, newValue }) => {
  if (key === kept) setToken(newValue ?? undefined)
})
// A link with a token opened over a running client only changes the hash.
addEventListener("hashchange", () => {
  const token = takeFromAddress()
  if (token !== undefined) enter(token)
})

/** Asks the node whether it knows the token: a sentence that says what is wrong, or nothing. */
const wrongWith = async (token: string): Promise<string | undefined> => {
  if (!/^[\x21-\x7e]+$/.test(token)) return "That is not a token: a token is one word, without spaces."
  try {
    const { status } = await fetch("/api/v1/account", { headers: { authorization: `Bearer ${token}` } })
    if (status === 401 || status === 403) return "The node does not know this token. Copy it again, all of it."
    return undefined
  } catch {
    return "The node does not answer. Is it running?"
  }
}

/** A token, or the whole link that holds it: people paste either. */
const tokenIn = (pasted: string): string => decodeURIComponent(/#token=(\S+)/.exec(pasted)?.[1] ?? pasted).trim()

export const SignIn = () => {
  const [problem, setProblem] = createSignal(farewell())
  const [checking, setChecking] = createSignal(false)
  const submit = async (event: SubmitEvent) => {
    event.preventDefault()
    const pasted = tokenIn(String(new FormData(event.currentTarget as HTMLFormElement).get("token")))
    setChecking(true)
    const problem = pasted === "" ? "Paste the token first." : await wrongWith(pasted)
    setChecking(false)
    setProblem(problem)
    if (problem === undefined) enter(pasted)
  }
  return (
    <main class="grid min-h-full place-items-center bg-rail px-5 py-10">
      <div class="w-full max-w-md animate-rise">
        <Wordmark class="mb-8 text-2xl" />
        <div class="rounded-xl border border-line bg-raised p-6 shadow-raised sm:p-8">
          <h1 class="font-serif text-xl">Open your archive</h1>
          <p class="mt-2 text-ink-soft">
            This node belongs to one person. Show it the token it printed when it first started.
          </p>
          <form class="mt-6" onSubmit={(event) => void submit(event)}>
            <label class="block text-sm font-semibold">
              Token
              <input
                name="token"
                type="password"
                autocomplete="off"
                spellcheck={false}
                autofocus
                aria-invalid={problem() !== undefined}
                aria-describedby="token-help token-problem"
                class="mt-1.5 block w-full rounded-md border border-edge bg-paper px-3 py-2.5 font-mono text-sm font-normal aria-invalid:border-danger"
              />
            </label>
            <p id="token-problem" role="alert" class="text-sm text-danger">
              <Show when={problem()}>{(problem) => <span class="mt-2 block">{problem()}</span>}</Show>
            </p>
            <Button kind="primary" type="submit" busy={checking()} class="mt-4 w-full">Open</Button>
          </form>
          <p id="token-help" class="mt-6 border-t border-line pt-4 text-sm text-ink-soft">
            You find it in the terminal the node was started in, as a link that ends in{" "}
            <code class="font-mono text-xs text-ink">#token=…</code>, and in the file{" "}
            <code class="font-mono text-xs text-ink">session.token</code>{" "}
            in the node's data directory. Pasting the whole link works too.
          </p>
        </div>
      </div>
    </main>
  )
}
