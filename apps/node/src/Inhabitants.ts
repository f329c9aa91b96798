/** The inhabitants of this node: its actors, the views of its registry, and what follows from events by itself. */
import { Capability } from "@vivim/capability/Capability"
import * as CapabilityView from "@vivim/capability/CapabilityView"
import { Circle } from "@vivim/circle/Circle"
import * as CircleView from "@vivim/circle/CircleView"
import * as NodeEd25519 from "@vivim/crypto/NodeEd25519"
import * as ContentView from "@vivim/document/ContentView"
import { Document } from "@vivim/document/Document"
import { TrashProcess } from "@vivim/document/TrashProcess"
import * as TrashView from "@vivim/document/TrashView"
import { Import } from "@vivim/import/Import"
import * as ImportView from "@vivim/import/ImportView"
import { Peer } from "@vivim/peer/Peer"
import * as PeerView from "@vivim/peer/PeerView"
import { ProcessRepair } from "@vivim/repair/ProcessRepair"
import { Repair } from "@vivim/repair/Repair"
import * as SecurityView from "@vivim/session/SecurityView"
import { SessionLog } from "@vivim/session/SessionLog"
import { Standing } from "@vivim/standing/Standing"
import * as StandingView from "@vivim/standing/StandingView"
import { Handle } from "@vivim/user/Handle"
import { HandleProcess } from "@vivim/user/HandleProcess"
import { userOf } from "@vivim/user/User"
import * as UserView from "@vivim/user/UserView"
import { ShredProcess } from "@vivim/vault/ShredProcess"
import { Vault } from "@vivim/vault/Vault"
import { View } from "@vivim/view/View"
import * as Duration from "effect/Duration"
import type { NodeConfig } from "../../../effect.config.ts"

/** The actors whose law this node knows. */
export const actorsOf = ({ identity }: NodeConfig) => {
  const skewMsMax = Duration.toMillis(identity.skewMax)
  const user = userOf({ verify: NodeEd25519.verify, skewMsMax, forksMax: identity.forksMax })
  return [
    user,
    Handle,
    Standing,
    SessionLog,
    Vault,
    Capability,
    Circle,
    Document,
    Peer,
    Import,
    View,
    Repair,
    ProcessRepair
  ]
}

/** The views of the master registry. */
export const registryViews = [
  UserView.UserView,
  StandingView.StandingView,
  SecurityView.SecurityView,
  CapabilityView.CapabilityView,
  CircleView.CircleView,
  PeerView.PeerView,
  ContentView.ContentView,
  TrashView.TrashView,
  ImportView.ImportView
]

/** What follows from events by itself. */
export const processes = [TrashProcess, HandleProcess, ShredProcess]
