/** A VIVIM node. Read it from the bottom up: this is the whole house. */
import "./Heap.ts"
import * as SingleRunner from "@effect/cluster/SingleRunner"
import * as Reactivity from "@effect/experimental/Reactivity"
import * as NodeHttpServer from "@effect/platform-node/NodeHttpServer"
import * as HttpLayerRouter from "@effect/platform/HttpLayerRouter"
import * as RpcSerialization from "@effect/rpc/RpcSerialization"
import * as RpcServer from "@effect/rpc/RpcServer"
import * as ActorHost from "@vivim/actor/ActorHost"
import * as Caller from "@vivim/actor/Caller"
import * as SqlQuarantine from "@vivim/actor/SqlQuarantine"
import * as SqlSnapshots from "@vivim/actor/SqlSnapshots"
import * as SqlAuditStore from "@vivim/audit/SqlAuditStore"
import * as SqlContentStore from "@vivim/content-store/SqlContentStore"
import { Vivim } from "@vivim/contract/Vivim"
import * as NodeKeyCipher from "@vivim/crypto/NodeKeyCipher"
import { KeyVault } from "@vivim/crypto/vault/KeyVault"
import * as SqlVaultRows from "@vivim/crypto/vault/SqlVaultRows"
import * as VaultCipher from "@vivim/crypto/vault/VaultCipher"
import { Document } from "@vivim/document/Document"
import { LibraryView } from "@vivim/document/LibraryView"
import { DocumentEvents } from "@vivim/event-schemas/document/index"
import * as Event from "@vivim/event-schemas/Event"
import { UserEvents } from "@vivim/event-schemas/user/index"
import * as PostgresEventStore from "@vivim/event-store/PostgresEventStore"
import * as SegmentFolder from "@vivim/event-store/SegmentFolder"
import { SegmentStore } from "@vivim/event-store/SegmentStore"
import * as Imports from "@vivim/import/Imports"
import * as SqlProcessStore from "@vivim/process/SqlProcessStore"
import * as Politeness from "@vivim/projection/Politeness"
import * as SqlCheckpoints from "@vivim/projection/SqlCheckpoints"
import * as SqlRegistry from "@vivim/projection/SqlRegistry"
import * as UserFiles from "@vivim/projection/UserFiles"
import * as Views from "@vivim/projection/Views"
import type { FileKeys } from "@vivim/user-database/FileKeys"
import * as SqliteUserDatabases from "@vivim/user-database/SqliteUserDatabases"
import * as Registration from "@vivim/user/Registration"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as path from "node:path"
import { fileURLToPath } from "node:url"
import { load, type NodeConfig } from "../../../effect.config.ts"
import * as Access from "./Access.ts"
import * as AccountDoor from "./AccountDoor.ts"
import * as AuditExportDoor from "./AuditExportDoor.ts"
import * as AuditTrail from "./AuditTrail.ts"
import * as BackupDoor from "./BackupDoor.ts"
import * as Calls from "./Calls.ts"
import * as Cluster from "./Cluster.ts"
import * as Company from "./Company.ts"
import * as ContentDoor from "./ContentDoor.ts"
import * as ExportDoor from "./ExportDoor.ts"
import { type Folders, folders, prepare } from "./Folders.ts"
import * as Guard from "./Guard.ts"
import * as Health from "./Health.ts"
import * as HealthDoor from "./HealthDoor.ts"
import * as HttpGuard from "./HttpGuard.ts"
import * as HttpThreshold from "./HttpThreshold.ts"
import * as IdentityDoor from "./IdentityDoor.ts"
import { actorsOf, registryViews } from "./Inhabitants.ts"
import * as KeyMark from "./KeyMark.ts"
import * as LibraryContents from "./LibraryContents.ts"
import * as LibraryTitles from "./LibraryTitles.ts"
import * as NodeDatabase from "./NodeDatabase.ts"
import * as NodeIdentity from "./NodeIdentity.ts"
import * as OneOrSeveral from "./OneOrSeveral.ts"
import * as OperationDoor from "./OperationDoor.ts"
import * as PasskeySignInDoor from "./PasskeySignInDoor.ts"
import * as ProcessPlace from "./ProcessPlace.ts"
import * as ProviderSignInDoor from "./ProviderSignInDoor.ts"
import * as Reactions from "./Reactions.ts"
import * as RepeatedDeletions from "./RepeatedDeletions.ts"
import * as Resolving from "./Resolving.ts"
import * as RestDoor from "./RestDoor.ts"
import * as SignInDoor from "./SignInDoor.ts"
import * as Startup from "./Startup.ts"
import * as UploadDoor from "./UploadDoor.ts"
import * as UserFileKeys from "./UserFileKeys.ts"
import * as WebDoor from "./WebDoor.ts"

const webClient = fileURLToPath(new URL("../../web/dist", import.meta.url))

/** The ways to ask: RPC over a WebSocket, REST, files, pages. */
const Doors = (config: NodeConfig, at: Folders) =>
  Layer.mergeAll(
    RpcServer.layerHttpRouter({ group: Vivim, path: "/rpc", protocol: "websocket", disableFatalDefects: true }),
    RestDoor.layer,
    UploadDoor.layer(config.door.heardOutMax),
    ContentDoor.layer,
    ExportDoor.layer,
    SignInDoor.layer({ ...config.node, logBytesMax: config.identity.logBytesMax }),
    ProviderSignInDoor.layer,
    PasskeySignInDoor.layer,
    AccountDoor.layer,
    IdentityDoor.layer,
    OperationDoor.layer,
    BackupDoor.layer(at),
    AuditExportDoor.layer,
    HealthDoor.layer,
    WebDoor.layer(webClient)
  ).pipe(
    Layer.provide(HttpGuard.layer(HttpGuard.optionsOf(config))),
    Layer.provide(Calls.layer(config)),
    Layer.provide(Layer.merge(Guard.rpc, Guard.rpcEnd)),
    Layer.provide(RpcSerialization.layerJson)
  )

/** Who lives here. */
const Rooms = (config: NodeConfig, at: Folders) =>
  Health.layer(config.view, config.cluster).pipe(
    Layer.provideMerge(Layer.unwrapEffect(Effect.map(ActorHost.visit(Document), (visit) =>
      Imports.layer({
        spool: at.spool,
        visit,
        limits: config.imports.limits,
        chunk: { messagesMax: config.imports.chunkMessagesMax, bytesMax: config.imports.chunkBytesMax },
        parallel: config.imports.parallel,
        runningMax: config.imports.runningMax,
        uploadBytesMax: config.imports.uploadBytesMax
      })))),
    Layer.provideMerge(Access.layer(config, at)),
    Layer.provideMerge(Layer.merge(Registration.layer(config.identity.claimMax), Resolving.layer(config))),
    Layer.provideMerge(Layer.merge(LibraryTitles.layer, LibraryContents.layer)),
    Layer.provideMerge(Reactions.layer(config)),
    Layer.provideMerge(views(config, at)),
    Layer.provideMerge(ActorHost.layers(actorsOf(config), config.actor)),
    Layer.provideMerge(SqlQuarantine.layer(config.actor.quarantineMax)),
    Layer.provideMerge(AuditTrail.layer(at, config.audit)),
    Layer.provideMerge(NodeIdentity.layer(at, config.node)),
    Layer.provideMerge(RepeatedDeletions.layer(at))
  )

/** Rows for all processes of the node; users' files for this one. */
const views = (config: NodeConfig, at: Folders) =>
  Layer.unwrapEffect(Effect.map(ProcessPlace.ProcessPlace, ({ id }) =>
    Views.layer([
      ...registryViews.map(SqlRegistry.make),
      UserFiles.make(LibraryView, {
        reads: Event.vocabulary(...DocumentEvents.events, ...UserEvents.events),
        scratch: UserFileKeys.scratch(at.scratch, (folder) => userDatabases(config, folder)),
        checkpointEvery: config.view.checkpointEvery,
        ...id === null ? {} : { process: id }
      })
    ])))

const userDatabases = (config: NodeConfig, directory: string) => (keys: FileKeys) =>
  SqliteUserDatabases.layer({
    directory,
    keys,
    views: [LibraryView],
    openMax: config.view.openFilesMax,
    idleMax: config.view.fileIdleMax
  })

/** What everything stands on: the only place that knows a technology by name. */
const Ground = (config: NodeConfig, at: Folders) =>
  Layer.mergeAll(
    Layer.succeed(Caller.Times, config.actor),
    Layer.succeed(Politeness.GivingWay, config.rebuild),
    SqlSnapshots.layer,
    SqlProcessStore.layer,
    SqlAuditStore.layer,
    SqlContentStore.layer(config.content),
    Layer.effectDiscard(SqlCheckpoints.migrate),
    actorsAt(config)
  ).pipe(
    Layer.provide(KeyMark.layer(at)),
    Layer.provideMerge(
      Layer.mergeAll(
        Layer.provideMerge(eventStore(config), segments(config, at)),
        UserFileKeys.layer(userDatabases(config, at.users)),
        Reactivity.layer
      )
    ),
    Layer.provideMerge(VaultCipher.layer(Layer.unwrapEffect(
      Effect.map(NodeDatabase.isEmpty, (mayCreate) => NodeKeyCipher.layer({ file: at.nodeKey, mayCreate }))
    ))),
    Layer.provideMerge(Layer.provide(KeyVault.layer(config.vault), SqlVaultRows.layer)),
    Layer.provideMerge(Company.layer(at, isAlone(config), config.cluster.takeOverMax)),
    Layer.provide(Layer.effectDiscard(OneOrSeveral.check(isAlone(config), config.cluster.takeOverMax))),
    Layer.provideMerge(NodeDatabase.sql(config.eventStore.connections + (isAlone(config) ? 0 : HeldConnections))),
    Layer.provideMerge(NodeDatabase.layer({
      url: config.node.databaseUrl,
      dataDir: config.node.dataDir,
      isOneOfSeveral: !isAlone(config)
    }))
  )

const isAlone = ({ cluster }: NodeConfig) => cluster.address === ""

/** One of several processes holds a connection for its locks on actors, and one for those on work that only one may do. */
const HeldConnections = 2

/** Where actors live: all of them here, or spread over the processes of the node. */
const actorsAt = ({ actor, cluster }: NodeConfig) => {
  const limits = { entityMaxIdleTime: actor.idleMax, entityMailboxCapacity: actor.mailboxMax }
  return cluster.address === ""
    ? SingleRunner.layer({ shardingConfig: { ...limits, simulateRemoteSerialization: false } })
    : Cluster.layer({ ...cluster, ...limits })
}

/** Where old ranges of the log lie. Several processes of a node must be shown one and the same folder. */
const segments = ({ node }: NodeConfig, { archive }: Folders) =>
  SegmentFolder.layer(node.archiveDir === "" ? archive : path.resolve(node.archiveDir))

const eventStore = ({ eventStore }: NodeConfig) =>
  Layer.unwrapEffect(
    Effect.map(Effect.all([NodeDatabase.NodeDatabase, SegmentStore]), ([{ url }, segments]) =>
      PostgresEventStore.layer({
        url,
        segments,
        segmentBytesMax: eventStore.segmentBytesMax,
        append: {
          eventsMax: eventStore.eventsMax,
          eventBytesMax: eventStore.eventBytesMax,
          appendBytesMax: eventStore.appendBytesMax
        },
        queue: { appendsMax: eventStore.queueMax, bytesMax: eventStore.queueBytesMax },
        page: { eventsMax: eventStore.pageMax, bytesMax: eventStore.pageBytesMax },
        tail: { eventsMax: eventStore.tailMax, bytesMax: eventStore.tailBytesMax },
        headsMax: eventStore.headsMax,
        readersMax: eventStore.readersMax,
        pipeline: { roundsMax: eventStore.roundsMax, pieceMin: eventStore.pieceMin },
        patience: {
          connectMs: Duration.toMillis(eventStore.connectMax),
          statementMs: Duration.toMillis(eventStore.statementMax),
          silentMs: Duration.toMillis(eventStore.silentMax)
        },
        awayMsMax: Duration.toMillis(eventStore.awayMax),
        lookMs: Duration.toMillis(eventStore.lookEvery)
      }))
  )

const House = (config: NodeConfig) => {
  const at = folders(config.node.dataDir, config.node.keysDir)
  return Layer.unwrapEffect(Effect.as(
    prepare(at),
    HttpLayerRouter.serve(Doors(config, at), { disableLogger: true, disableListenLog: true }).pipe(
      Layer.merge(Layer.effectDiscard(Startup.greet(config))),
      Layer.provide(NodeHttpServer.layer(HttpThreshold.make, { port: config.node.port, host: config.node.host })),
      Layer.provide(Rooms(config, at)),
      Layer.provide(Ground(config, at))
    )
  ))
}

load.pipe(
  Effect.flatMap((config) => Effect.provide(Layer.launch(House(config)), Startup.logger(config.node.logLevel))),
  Startup.run
)
