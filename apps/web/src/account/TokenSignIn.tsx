/** The way in for whoever runs the node: the token it printed. Accounts for local development are opened this way. */
import { createSignal } from "solid-js"
import { accounts, enterWith, farewell } from "../session/Session.ts"
import { Button } from "../ui/Button.tsx"
import { Field } from "../ui/Field.tsx"
import { Form, type Typed } from "../ui/Form.tsx"
import { Outside } from "./Outside.tsx"

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

export const TokenSignIn = () => {
  const [problem, setProblem] = createSignal(farewell()?.kind === "token" ? farewell()?.why : undefined)
  const [checking, setChecking] = createSignal(false)
  const open = async (typed: Typed) => {
    const pasted = tokenIn(typed("token"))
    setChecking(true)
    const problem = pasted === "" ? "Paste the token first." : await wrongWith(pasted)
    setChecking(false)
    setProblem(problem)
    if (problem === undefined) enterWith({ kind: "token", token: pasted })
  }
  return (
    <Outside title="Open your archive" back={accounts().length === 0 ? "welcome" : "return"}>
      <p class="mt-2 text-ink-soft">
        Whoever runs this node opens it with the token it printed when it first started.
      </p>
      <Form class="mt-6" onTyped={(typed) => void open(typed)}>
        <Field
          label="Token"
          name="token"
          type="password"
          autocomplete="off"
          spellcheck={false}
          autofocus
          problem={problem()}
        />
        <Button kind="primary" type="submit" busy={checking()} class="mt-4 w-full">Open</Button>
      </Form>
      <p class="mt-6 border-t border-line pt-4 text-sm text-ink-soft">
        You find it in the terminal the node was started in, as a link that ends in{" "}
        <code class="font-mono text-xs text-ink">#token=…</code>, and in the file{" "}
        <code class="font-mono text-xs text-ink">session.token</code>{" "}
        in the node's data directory. Pasting the whole link works too.
      </p>
    </Outside>
  )
}
