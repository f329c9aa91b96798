/** Every vocabulary there is: all that can happen, by the kind of actor it happens to. */
import { CapabilityEvents } from "./capability/index.ts"
import { CircleEvents } from "./circle/index.ts"
import { DocumentEvents } from "./document/index.ts"
import type * as Event from "./Event.ts"
import { HandleEvents } from "./handle/index.ts"
import { ImportEvents } from "./import/index.ts"
import { PeerEvents } from "./peer/index.ts"
import { ProcessEvents } from "./process/index.ts"
import { RepairEvents } from "./repair/index.ts"
import { SessionEvents } from "./session/index.ts"
import { StandingEvents } from "./standing/index.ts"
import { UserEvents } from "./user/index.ts"
import { VaultEvents } from "./vault/index.ts"
import { ViewEvents } from "./view/index.ts"

export const vocabularies: Readonly<Record<string, Event.Vocabulary<any>>> = {
  capability: CapabilityEvents,
  circle: CircleEvents,
  document: DocumentEvents,
  handle: HandleEvents,
  import: ImportEvents,
  peer: PeerEvents,
  process: ProcessEvents,
  repair: RepairEvents,
  session: SessionEvents,
  standing: StandingEvents,
  user: UserEvents,
  vault: VaultEvents,
  view: ViewEvents
}
