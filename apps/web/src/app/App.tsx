/** The client as one page of addresses: each screen is loaded when it is first visited, or when the browser has nothing better to do. */
import { Route, type RoutePreloadFunc, Router } from "@solidjs/router"
import { lazy, onMount, Show, Suspense } from "solid-js"
import type { Payload } from "../node/Calls.ts"
import { learn } from "../node/Node.ts"
import { session } from "../session/Session.ts"
import { preload } from "../ui/Preload.ts"
import { NotFound } from "./NotFound.tsx"
import { panels, Shell } from "./Shell.tsx"

const Library = lazy(() => import("../library/LibraryPage.tsx"))
const Search = lazy(() => import("../search/SearchPage.tsx"))
const Conversation = lazy(() => import("../conversation/ConversationPage.tsx"))
const Import = lazy(() => import("../import/ImportPage.tsx"))
const ImportReceipt = lazy(() => import("../import/ImportReceiptPage.tsx"))
const Trash = lazy(() => import("../trash/TrashPage.tsx"))
const Settings = lazy(() => import("../settings/SettingsPage.tsx"))
const Gate = lazy(() => import("../account/Gate.tsx"))
const Devices = lazy(() => import("../security/DevicesPage.tsx"))
const Security = lazy(() => import("../security/SecurityPage.tsx"))
const NewKit = lazy(() => import("../security/NewKitPage.tsx"))
const AccountPage = lazy(() => import("../security/AccountPage.tsx"))
const screens = [Library, Search, Conversation, Import, ImportReceipt, Trash, Settings, AccountPage, Devices, Security]

/** A conversation one points at is likely to be opened: its tree is asked for while the finger is still on its way. */
const foresee: RoutePreloadFunc = ({ intent, params }) => {
  if (intent === "preload" && params["documentId"] !== undefined) {
    learn("WatchConversation", { documentId: params["documentId"] as Payload<"WatchConversation">["documentId"] })
  }
}

const Updates = { preload: () => import("./Updates.ts").then(({ watchForUpdates }) => watchForUpdates()) }

export const App = () => {
  onMount(() => preload([...screens, ...panels, Updates]))
  return (
    <Show
      keyed
      when={session()}
      fallback={
        <Suspense>
          <Gate />
        </Suspense>
      }
    >
      {(_) => (
        <Router root={Shell}>
          <Route path="/" component={Library} />
          <Route path="/search" component={Search} />
          <Route path="/c/:documentId" component={Conversation} preload={foresee} />
          <Route path="/import" component={Import} />
          <Route path="/import/:importId" component={ImportReceipt} />
          <Route path="/trash" component={Trash} />
          <Route path="/settings" component={Settings} />
          <Route path="/settings/account" component={AccountPage} />
          <Route path="/settings/devices" component={Devices} />
          <Route path="/settings/security" component={Security} />
          <Route path="/settings/security/kit" component={NewKit} />
          <Route path="*" component={NotFound} />
        </Router>
      )}
    </Show>
  )
}
