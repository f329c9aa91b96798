/** Who lives in this node: its actors, the views of its registry, and what follows from events by itself. */
import { Capability } from "@vivim/capability/Capability"
import * as CapabilityView from "@vivim/capability/CapabilityView"
import { Circle } from "@vivim/circle/Circle"
import * as CircleView from "@vivim/circle/CircleView"
import * as ContentView from "@vivim/document/ContentView"
import { Document } from "@vivim/document/Document"
import { TrashProcess } from "@vivim/document/TrashProcess"
import * as TrashView from "@vivim/document/TrashView"
import { Import } from "@vivim/import/Import"
import * as ImportView from "@vivim/import/ImportView"
import { Peer } from "@vivim/peer/Peer"
import * as PeerView from "@vivim/peer/PeerView"
import { Repair } from "@vivim/repair/Repair"
import { User } from "@vivim/user/User"
import * as UserView from "@vivim/user/UserView"
import { View } from "@vivim/view/View"

/** The actors whose law this node knows, the views of the master registry, and what follows from events by itself. */
export const actors = [User, Capability, Circle, Document, Peer, Import, View, Repair]
export const registryViews = [
  UserView.UserView,
  CapabilityView.CapabilityView,
  CircleView.CircleView,
  PeerView.PeerView,
  ContentView.ContentView,
  TrashView.TrashView,
  ImportView.ImportView
]
export const processes = [TrashProcess]
