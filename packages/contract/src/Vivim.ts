/** The whole public surface of a node. */
import { ArchiveViews } from "./Archive.ts"
import { AuditViews } from "./Audit.ts"
import { AwaitViews } from "./Await.ts"
import { CapabilityDoors } from "./Capability.ts"
import { CircleCommands, CircleViews } from "./Circle.ts"
import { DocumentCommands } from "./Document.ts"
import { IdentityViews } from "./Identity.ts"
import { ImportViews } from "./Import.ts"
import { LibraryViews } from "./Library.ts"
import { OperatorViews } from "./Operator.ts"
import { PasskeyDoors } from "./Passkeys.ts"
import { PeerCommands, PeerViews } from "./Peer.ts"
import { ProcessViews } from "./Process.ts"
import { ProviderCalls } from "./Provider.ts"
import { RepairCommands, RepairDoors } from "./Repair.ts"
import { SearchViews } from "./Search.ts"
import { SessionEnd, SessionGuard } from "./Session.ts"
import { SessionViews } from "./Sessions.ts"
import { StandingCommands, StandingViews } from "./Standing.ts"
import { TrashViews } from "./Trash.ts"
import { UserCommands, UserViews } from "./User.ts"
import { VaultViews } from "./Vault.ts"
import { ViewCommands, ViewDoors } from "./View.ts"

export class Vivim extends UserCommands.merge(
  UserViews,
  VaultViews,
  IdentityViews,
  CapabilityDoors,
  SessionViews,
  ProviderCalls,
  PasskeyDoors,
  StandingCommands,
  StandingViews,
  CircleCommands,
  CircleViews,
  DocumentCommands,
  TrashViews,
  LibraryViews,
  SearchViews,
  ImportViews,
  PeerCommands,
  PeerViews,
  OperatorViews,
  ViewCommands,
  ViewDoors,
  ProcessViews,
  AuditViews,
  ArchiveViews,
  RepairCommands,
  RepairDoors,
  AwaitViews
).middleware(SessionEnd).middleware(SessionGuard) {}
