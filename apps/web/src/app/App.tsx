/** The client as one page of addresses: each screen is loaded when it is first visited, or when the browser has nothing better to do. */
import { Route, Router } from "@solidjs/router"
import { lazy, onMount, Show } from "solid-js"
import { SignIn, token } from "../session/SignIn.tsx"
import { NotFound } from "./NotFound.tsx"
import { Shell } from "./Shell.tsx"

const Library = lazy(() => import("../library/LibraryPage.tsx"))
const Search = lazy(() => import("../search/SearchPage.tsx"))
const Conversation = lazy(() => import("../conversation/ConversationPage.tsx"))
const Import = lazy(() => import("../import/ImportPage.tsx"))
const ImportReceipt = lazy(() => import("../import/ImportReceiptPage.tsx"))
const Settings = lazy(() => import("../settings/SettingsPage.tsx"))
const screens = [Library, Search, Conversation, Import, ImportReceipt, Settings]

const whenIdle: (run: () => void) => void = typeof requestIdleCallback === "function"
  ? (run) => requestIdleCallback(run, { timeout: 4_000 })
  : (run) => setTimeout(run, 1_500)

export const App = () => {
  onMount(() => {
    whenIdle(() => {
      for (const screen of screens) screen.preload().catch(() => {})
      void import("./Updates.ts").then(({ watchForUpdates }) => watchForUpdates())
    })
  })
  return (
    <Show when={token() !== undefined} fallback={<SignIn />}>
      <Router root={Shell}>
        <Route path="/" component={Library} />
        <Route path="/search" component={Search} />
        <Route path="/c/:documentId" component={Conversation} />
        <Route path="/import" component={Import} />
        <Route path="/import/:importId" component={ImportReceipt} />
        <Route path="/settings" component={Settings} />
        <Route path="*" component={NotFound} />
      </Router>
    </Show>
  )
}
