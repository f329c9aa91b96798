/** The calls of the contract, and who answers each: whichever way the node is asked. */
import * as ActorHost from "@vivim/actor/ActorHost"
import * as CapabilityDoor from "@vivim/capability/CapabilityDoor"
import * as CircleView from "@vivim/circle/CircleView"
import { CircleAddress } from "@vivim/contract/Circle"
import { DocumentAddress } from "@vivim/contract/Document"
import { PeerAddress } from "@vivim/contract/Peer"
import { UserAddress } from "@vivim/contract/User"
import * as LibraryDoor from "@vivim/document/LibraryDoor"
import * as SearchDoor from "@vivim/document/SearchDoor"
import * as TrashView from "@vivim/document/TrashView"
import * as ImportDoor from "@vivim/import/ImportDoor"
import * as ProviderDoor from "@vivim/oidc/ProviderDoor"
import * as PeerView from "@vivim/peer/PeerView"
import * as PasskeyDoor from "@vivim/session/PasskeyDoor"
import * as SessionDoor from "@vivim/session/SessionDoor"
import * as StandingView from "@vivim/standing/StandingView"
import * as IdentityView from "@vivim/user/IdentityView"
import * as Registration from "@vivim/user/Registration"
import * as UserView from "@vivim/user/UserView"
import * as VaultDoor from "@vivim/vault/VaultDoor"
import * as Layer from "effect/Layer"
import type { NodeConfig } from "../../../effect.config.ts"
import * as ArchiveDoor from "./ArchiveDoor.ts"
import * as AuditDoor from "./AuditDoor.ts"
import * as AwaitDoor from "./AwaitDoor.ts"
import { actorsOf } from "./Inhabitants.ts"
import * as OperatorDoor from "./OperatorDoor.ts"
import * as ProcessDoor from "./ProcessDoor.ts"
import * as RepairDoor from "./RepairDoor.ts"
import * as StandingDoor from "./StandingDoor.ts"
import * as ViewDoor from "./ViewDoor.ts"

export const layer = (config: NodeConfig) =>
  Layer.mergeAll(
    ActorHost.handlers(UserAddress),
    ActorHost.handlers(CircleAddress),
    ActorHost.handlers(DocumentAddress),
    ActorHost.handlers(PeerAddress),
    Registration.handler,
    UserView.handlers,
    IdentityView.handlers,
    CapabilityDoor.handlers,
    StandingDoor.handlers,
    StandingView.handlers,
    SessionDoor.handlers(config.session.stepUpMax),
    ProviderDoor.handlers,
    PasskeyDoor.handlers,
    CircleView.handlers,
    PeerView.handlers,
    LibraryDoor.handlers,
    SearchDoor.handlers,
    TrashView.handlers,
    ImportDoor.handlers,
    OperatorDoor.handlers(actorsOf(config)),
    AuditDoor.handlers,
    ArchiveDoor.handlers(config.eventStore.segmentEventsMax),
    ViewDoor.handlers,
    ProcessDoor.handlers,
    RepairDoor.handlers(actorsOf(config)),
    AwaitDoor.handlers,
    VaultDoor.handlers
  )
