/** An address that leads nowhere. */
import { A } from "@solidjs/router"
import Compass from "lucide-solid/icons/compass"
import { Notice } from "../ui/Notice.tsx"
import { PageTitle } from "./PageTitle.tsx"

export const NotFound = () => (
  <>
    <PageTitle title="Not found" />
    <h1 class="sr-only">Not found</h1>
    <Notice
      title="There is nothing at this address"
      icon={<Compass size={24} />}
      action={<A href="/" class="font-medium text-accent underline underline-offset-4">Go to the library</A>}
    >
      It may have been mistyped, or belong to a newer version of this client.
    </Notice>
  </>
)
