/** One conversation: its head, its messages on the branch that is read, and the ways to its other branches. */
import { useNavigate, useParams, useSearchParams } from "@solidjs/router"
import MessageCircleOff from "lucide-solid/icons/message-circle-off"
import { createMemo, createSignal, Match, Show, Switch } from "solid-js"
import { PageTitle } from "../app/PageTitle.tsx"
import { createActions } from "../library/Actions.tsx"
import { asChanged, restore } from "../library/Changes.ts"
import type { Answer, Payload } from "../node/Calls.ts"
import { watch } from "../node/Node.ts"
import { createShown } from "../sealed/Shown.ts"
import { counted } from "../ui/Counts.ts"
import { Late, Stroke } from "../ui/Late.tsx"
import { Notice, sentenceOf } from "../ui/Notice.tsx"
import type { Id } from "./Branches.ts"
import { BranchOverview } from "./BranchOverview.tsx"
import { ConversationHead } from "./ConversationHead.tsx"
import { InTrash } from "./InTrash.tsx"
import { MessageList } from "./MessageList.tsx"
import { createMessages } from "./Messages.ts"
import { createReading } from "./Reading.ts"
import { ReadingBar } from "./ReadingBar.tsx"

type Outline = Answer<"WatchConversation">

const Loading = () => (
  <Late>
    <div class="mx-auto max-w-3xl space-y-5 px-6 py-16">
      <p class="sr-only" role="status">Loading</p>
      <Stroke class="h-8 w-2/3" />
      <Stroke class="w-1/3" />
      <Stroke class="mt-12" />
      <Stroke class="w-5/6" />
      <Stroke class="w-3/4" />
    </div>
  </Late>
)

const Broken = (props: { readonly messages: number }) => (
  <Show when={props.messages > 0}>
    <p role="alert" class="mx-auto max-w-[42rem] px-4 pt-4 text-danger">
      {counted(props.messages, "message")}{" "}
      of it cannot be opened: what lies on the node is not what your device sealed. The others are as they were.
    </p>
  </Show>
)

interface ConversationProps {
  /** Also known when the page goes: a conversation that is being sealed has no outline for a moment. */
  readonly documentId: Outline["summary"]["documentId"]
  readonly outline: Outline
  readonly broken: number
  readonly at: Id | undefined
  readonly query: string | undefined
}

const Conversation = (props: ConversationProps) => {
  const navigate = useNavigate()
  const summary = createMemo(() => asChanged(props.outline.summary))
  const reading = createReading(() => props.outline, () => props.at)
  const messages = createMessages(props.documentId, (id) => reading.tree().nodes.get(id))
  const actions = createActions(() => navigate("/trash"))
  const [overview, setOverview] = createSignal(false)
  const [headSeen, setHeadSeen] = createSignal(true)
  return (
    <div>
      <PageTitle title={summary().title} />
      <ReadingBar
        shown={!headSeen()}
        title={summary().title}
        reading={reading}
        onOverview={() => setOverview(true)}
        onMenu={(anchor) => actions.menu(summary(), anchor)}
      />
      <ConversationHead
        summary={summary()}
        outline={props.outline}
        reading={reading}
        onSeen={setHeadSeen}
        onOverview={() => setOverview(true)}
        onMenu={(anchor) => actions.menu(summary(), anchor)}
        query={props.query}
        onTags={(anchor) => actions.tags(summary(), anchor)}
      />
      <Show when={summary().trash}>
        {(trash) => (
          <InTrash
            purgeAt={trash().purgeAt}
            onRestore={() => void restore(summary())}
            onDelete={(anchor) => actions.deleteForGood(summary(), anchor)}
          />
        )}
      </Show>
      <Broken messages={props.broken} />
      <Show
        when={reading.items().length > 0}
        fallback={
          <Notice title="There are no messages to show">
            {props.outline.nodes.length > 0
              ? "All of them are hidden by the product they come from."
              : "The conversation is empty."}
          </Notice>
        }
      >
        <MessageList
          documentId={props.documentId}
          reading={reading}
          messages={messages}
          at={props.at}
          query={props.query}
        />
      </Show>
      <Show when={overview()}>
        <BranchOverview reading={reading} messages={messages} onClose={() => setOverview(false)} />
      </Show>
      <actions.Host />
    </div>
  )
}

const ConversationPage = () => {
  const params = useParams<{ documentId: string }>()
  const [address] = useSearchParams<{ m?: string; q?: string }>()
  const watched = watch(
    "WatchConversation",
    () => ({ documentId: params.documentId as Payload<"WatchConversation">["documentId"] })
  )
  const shown = createShown(watched.answer)
  const refusal = () => watched.refusal() ?? shown.refusal()
  /** Another conversation is another page, not a change of this one. */
  const opened = createMemo(() => shown.outline()?.summary.documentId)
  return (
    <Switch fallback={<Loading />}>
      <Match when={refusal()}>
        {(refusal) => (
          <>
            <PageTitle title="Conversation" />
            <h1 class="sr-only">Conversation</h1>
            <Notice title="This conversation cannot be shown" icon={<MessageCircleOff size={24} />}>
              {sentenceOf(refusal())}
            </Notice>
          </>
        )}
      </Match>
      <Match when={opened()} keyed>
        {(documentId) => (
          <Conversation
            documentId={documentId}
            outline={shown.outline()!}
            broken={shown.broken()}
            at={address.m as Id | undefined}
            query={address.q}
          />
        )}
      </Match>
    </Switch>
  )
}

export default ConversationPage
