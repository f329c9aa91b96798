/**
 * The node, as the screens know it: `watch` gives signals that stay current, `ask` a promise, `command` a receipt.
 *
 * The line itself (`Link.ts`) is loaded after the shell has been painted, and holds nothing the screens hold.
 */
import { type Accessor, createEffect, createMemo, createSignal, on, onCleanup, untrack } from "solid-js"
import { leave, token } from "../session/SignIn.tsx"
import {
  type Answer,
  type AskTag,
  type CommandTag,
  type Connection,
  type Link,
  type Payload,
  type Refusal,
  Refused,
  type WatchTag
} from "./Calls.ts"

const [connection, setConnection] = createSignal<Connection>("connecting")
/** How the line to the node is. */
export { connection }

let linked: { readonly token: string; readonly link: Promise<Link> } | undefined

const load = async (token: string): Promise<Link> => {
  const { connect } = await import("./Link.ts")
  const url = new URL("/rpc", location.href)
  url.protocol = url.protocol === "https:" ? "wss:" : "ws:"
  return connect({ url: url.href, token, onConnection: setConnection })
}

/** The line for the present token; another token is another line. A line that could not be loaded is tried again. */
const link = (): Promise<Link> => {
  const present = untrack(token)
  if (present === undefined) return Promise.reject(new Refused({ _tag: "NotSignedIn" }))
  if (linked?.token === present) return linked.link
  linked?.link.then((old) => old.close(), () => {})
  setConnection("connecting")
  const fresh = load(present)
  linked = { token: present, link: fresh }
  fresh.catch(() => {
    linked = undefined
    setConnection("lost")
  })
  return fresh
}

/** A token the node does not know ends the session, whichever call it was that learned it. */
const heard = (refusal: Refusal): Refusal => {
  if (refusal._tag === "NotSignedIn") {
    leave("The node does not know this token. It may have been replaced, or belong to another node.")
  }
  return refusal
}

const orHear = (error: unknown): never => {
  if (error instanceof Refused) heard(error.refusal)
  throw error
}

/** A question that stays open, as signals. */
export interface Watched<A> {
  readonly answer: Accessor<A | undefined>
  readonly refusal: Accessor<Refusal | undefined>
  /** True while the answer shown belongs to an earlier question, or there is none yet. */
  readonly waiting: Accessor<boolean>
}

/** Opens a watch and keeps it on what `payload` says; `undefined` asks nothing. With `keep`, the last answer stays until the next. */
export const watch = <T extends WatchTag>(
  tag: T,
  payload: Accessor<Payload<T> | undefined>,
  options: { readonly keep?: boolean } = {}
): Watched<Answer<T>> => {
  const [answer, setAnswer] = createSignal<Answer<T>>()
  const [refusal, setRefusal] = createSignal<Refusal>()
  const [waiting, setWaiting] = createSignal(true)
  // Payloads are compared by what they say: asking the same again is not asking anew.
  const question = createMemo(() => JSON.stringify(payload()))
  createEffect(on(question, (question) => {
    setWaiting(question !== undefined)
    setRefusal(undefined)
    if (options.keep !== true || question === undefined) setAnswer(undefined)
    if (question === undefined) return
    let closed = false
    let close = () => {}
    const refused = (refusal: Refusal) => {
      if (closed) return
      setWaiting(false)
      setRefusal(heard(refusal))
    }
    const open = () =>
      link().then(
        (line) => {
          if (closed) return
          close = line.watch(tag, JSON.parse(question), {
            answer: (answer) => {
              if (closed) return
              setWaiting(false)
              setAnswer(() => answer)
            },
            refused
          })
        },
        (error) => error instanceof Refused ? refused(error.refusal) : retry()
      )
    let timer = 0
    const retry = () => {
      if (!closed) timer = window.setTimeout(open, 2_000)
    }
    void open()
    onCleanup(() => {
      closed = true
      window.clearTimeout(timer)
      close()
    })
  }))
  return { answer, refusal, waiting }
}

/** A question answered once. Rejects with `Refused`; while the node is away, it waits. */
export const ask = <T extends AskTag>(tag: T, payload: Payload<T>, signal?: AbortSignal): Promise<Answer<T>> =>
  link().then((line) => line.ask(tag, payload, signal)).catch(orHear)

/** A change. Rejects with `Refused`; while the node is away, it waits and is made once. */
export const command = <T extends CommandTag>(tag: T, payload: Payload<T>): Promise<Answer<T>> =>
  link().then((line) => line.command(tag, payload)).catch(orHear)

/** A file of the node's REST face, asked for with the session's token. */
export const fetchFromNode = (path: string, init: RequestInit = {}): Promise<Response> =>
  fetch(path, { ...init, headers: { ...init.headers, authorization: `Bearer ${token() ?? ""}` } })
