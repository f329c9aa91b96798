/**
 * The node, as the screens know it: `watch` gives signals that stay current, `ask` a promise, `command` a receipt.
 *
 * The line itself (`Link.ts`) is loaded after the shell has been painted, and holds nothing the screens hold.
 */
import {
  type Accessor,
  batch,
  createEffect,
  createMemo,
  createRoot,
  createSignal,
  on,
  onCleanup,
  untrack
} from "solid-js"
import { keys } from "../account/Keys.ts"
import { visits } from "../account/Providers.ts"
import { leave, type Session, session } from "../session/Session.ts"
import { confirmWho } from "../session/StepUp.ts"
import { metTheLock, opened, setLocked, unlocked } from "../session/Vault.ts"
import { onceLetGo } from "../ui/Press.ts"
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

/** How long to wait before what could not be loaded is tried again. */
const retryMs = 2_000

let linked: { readonly session: Session; readonly link: Promise<Link> } | undefined

/** What carries a session that is bound to a key of this browser. */
const carrierOf = ({ kind }: Session) => kind === "provider" ? visits() : keys()

const load = async (session: Session): Promise<Link> => {
  const [{ connect }, as] = await Promise.all([
    import("./Link.ts"),
    session.kind === "token" ? session.token : carrierOf(session).then((carrier) => carrier.nodeSession())
  ])
  const url = new URL("/rpc", location.href)
  url.protocol = url.protocol === "https:" ? "wss:" : "ws:"
  return connect({ url: url.href, as, onConnection: setConnection })
}

/** The line for the present session; another session is another line. A line that could not be loaded is tried again. */
const link = (): Promise<Link> => {
  const present = untrack(session)
  if (present === undefined) return Promise.reject(new Refused({ _tag: "NotSignedIn" }))
  if (linked?.session === present) return linked.link
  setConnection("connecting")
  const fresh = load(present)
  linked = { session: present, link: fresh }
  fresh.catch(() => {
    linked = undefined
    setConnection("lost")
  })
  return fresh
}

// A line is closed with its session, not when the next one begins.
createRoot(() =>
  createEffect(on(session, (present) => {
    if (linked === undefined || linked.session === present) return
    linked.link.then((old) => old.close(), () => {})
    linked = undefined
    remembered.clear()
    setLocked(false)
  }, { defer: true }))
)

const farewells: Readonly<Record<Session["kind"], string>> = {
  token: "The node does not know this token. It may have been replaced, or belong to another node.",
  provider: "This session is over: it was ended on another device, or the provider was unlinked.",
  account: "This session is over: it was ended on another device, or this device was removed."
}

/** A session the node does not know is over, whichever call it was that learned it. */
const heard = (refusal: Refusal): Refusal => {
  const present = untrack(session)
  if (refusal._tag === "NotSignedIn" && present !== undefined) leave(farewells[present.kind])
  return refusal
}

/** Whether what stood in the way of a call is out of it, so that it can be made again. */
export const overcome = async (refusal: Refusal): Promise<boolean> =>
  refusal._tag === "StepUpNeeded" ?
    await confirmWho(refusal.means ?? [])
    : refusal._tag === "VaultLocked" ?
    await metTheLock()
    : false

let showing: Promise<unknown> | undefined

/** Watches met that more must be shown to be in at all: it is asked once for all of them, and they ask again. */
const metTheFactor = (means: ReadonlyArray<string>): void => {
  showing ??= confirmWho(means).then((yes) => yes && opened()).finally(() => {
    showing = undefined
  })
}

/** What these refuse is a code, not the session it was shown in. */
const judgesCodes: ReadonlyArray<string> = ["StepUp", "ConfirmTotp", "BeginLink", "FinishLink"]

/** Makes a call, and once more after what stood in its way was overcome. */
const persist = async <A>(tag: string, call: (line: Link) => Promise<A>): Promise<A> => {
  const attempt = () => link().then(call)
  try {
    return await attempt().catch(async (error: unknown) => {
      if (error instanceof Refused && await overcome(error.refusal)) return await attempt()
      throw error
    })
  } catch (error) {
    if (error instanceof Refused && !judgesCodes.includes(tag)) heard(error.refusal)
    throw error
  }
}

/** A question that stays open, as signals. */
export interface Watched<A> {
  readonly answer: Accessor<A | undefined>
  readonly refusal: Accessor<Refusal | undefined>
  /** True while the answer shown is an earlier one, or there is none yet. */
  readonly waiting: Accessor<boolean>
}

/** The last answers to the questions asked last: asked again, they are shown at once, and followed by the present ones. */
const remembered = new Map<string, unknown>()
const rememberedMax = 60

const remember = (key: string, answer: unknown): void => {
  remembered.delete(key)
  remembered.set(key, answer)
  const [oldest] = remembered.keys()
  if (remembered.size > rememberedMax && oldest !== undefined) remembered.delete(oldest)
}

/** Opens a watch on one question; the answer is how to close it. A line that cannot be loaded is tried again. */
const open = <T extends WatchTag>(tag: T, question: string, on: {
  readonly answer: (answer: Answer<T>) => void
  readonly refused: (refusal: Refusal) => void
}): () => void => {
  const key = `${tag} ${question}`
  let closed = false
  let close = () => {}
  let timer = 0
  const refused = (refusal: Refusal) => {
    if (closed) return
    // Whoever watches is told only when it stays locked: unlocking opens their watches anew.
    if (refusal._tag === "VaultLocked") void metTheLock()
    if (refusal._tag === "StepUpNeeded") metTheFactor(refusal.means ?? [])
    remembered.delete(key)
    on.refused(heard(refusal))
  }
  const answer = (answer: Answer<T>) =>
    onceLetGo(() => {
      if (closed) return
      remember(key, answer)
      on.answer(answer)
    })
  const start = () =>
    link().then(
      (line) => {
        if (!closed) close = line.watch(tag, JSON.parse(question), { answer, refused })
      },
      (error) => {
        if (error instanceof Refused) refused(error.refusal)
        else if (!closed) timer = window.setTimeout(start, retryMs)
      }
    )
  void start()
  return () => {
    closed = true
    window.clearTimeout(timer)
    close()
  }
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
  createEffect(on([question, unlocked], ([question]) => {
    const earlier = question === undefined ? undefined : remembered.get(`${tag} ${question}`) as Answer<T> | undefined
    setWaiting(question !== undefined)
    setRefusal(undefined)
    if (earlier !== undefined) setAnswer(() => earlier)
    else if (options.keep !== true || question === undefined) setAnswer(undefined)
    if (question === undefined) return
    onCleanup(open(tag, question, {
      // In one step: an answer that is waited for is never taken for the one before it.
      answer: (answer) =>
        batch(() => {
          setAnswer(() => answer)
          setWaiting(false)
        }),
      refused: (refusal) =>
        batch(() => {
          setRefusal(refusal)
          setWaiting(false)
        })
    }))
  }))
  return { answer, refusal, waiting }
}

/** Learns an answer that is likely to be asked for next, so that it is there when it is. */
export const learn = <T extends WatchTag>(tag: T, payload: Payload<T>): void => {
  const question = JSON.stringify(payload)
  if (remembered.has(`${tag} ${question}`)) return
  const done = () => {
    clearTimeout(timer)
    close()
  }
  const close = open(tag, question, { answer: done, refused: done })
  const timer = setTimeout(done, retryMs)
}

/** What a question that stays open answers now. Rejects with `Refused`; while the node is away, it waits. */
export const first = <T extends WatchTag>(tag: T, payload: Payload<T>): Promise<Answer<T>> =>
  new Promise((resolve, reject) => {
    let close = () => {}
    let isDone = false
    const end = (told: () => void) => {
      isDone = true
      close()
      told()
    }
    close = open(tag, JSON.stringify(payload), {
      answer: (answer) => end(() => resolve(answer)),
      refused: (refusal) => end(() => reject(new Refused(refusal)))
    })
    if (isDone) close()
  })

/** A question answered once. Rejects with `Refused`; while the node is away, it waits. */
export const ask = <T extends AskTag>(tag: T, payload: Payload<T>, signal?: AbortSignal): Promise<Answer<T>> =>
  persist(tag, (line) => line.ask(tag, payload, signal))

/** A change. Rejects with `Refused`; while the node is away, it waits and is made once. */
export const command = <T extends CommandTag>(tag: T, payload: Payload<T>): Promise<Answer<T>> =>
  persist(tag, (line) => line.command(tag, payload))

/** The headers by which the node's REST face knows who asks. */
export const authorization = async (method: string, path: string): Promise<Readonly<Record<string, string>>> => {
  const present = untrack(session)
  if (present === undefined) return {}
  if (present.kind === "token") return { authorization: `Bearer ${present.token}` }
  return (await carrierOf(present)).authorization(method, new URL(path, location.href).href)
}

/** A file of the node's REST face, asked for in the name of who is here. */
export const fetchFromNode = async (path: string, init: RequestInit = {}): Promise<Response> =>
  fetch(path, { ...init, headers: { ...init.headers, ...await authorization(init.method ?? "GET", path) } })
