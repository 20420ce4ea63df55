/** The client's public surface: all that a page, a script or the command line needs to know. */

export type { Clock } from "../shared/clock.js";
export { ErrorFinder, type FoundError } from "../shared/errorLines/errorFinder.js";
export { looksLikeError, severityOf } from "../shared/errorLines/errorLines.js";
export { SyncError } from "../shared/errors.js";
export { fieldSentence } from "../shared/fields/fieldSentences.js";
export {
  checkValues,
  type Field,
  type FieldProblem,
  type Fields,
  type FieldValue,
  type FieldValues,
  leftOutOf,
  MASK,
  sourceWords,
  valueOfText,
} from "../shared/fields/fields.js";
export { newRequestId } from "../shared/identifiers.js";
export { type Marker, parseMarker, type TaskStatus } from "../shared/markers.js";
export { CURRENT, LIST } from "../shared/names.js";
export type { Command } from "../shared/schema/command.js";
export type { Position } from "../shared/schema/position.js";
export type {
  Attempt,
  BlockInfo,
  StateInput,
  StateMerge,
  Step,
  StepUpdate,
  Task,
  WorkflowState,
} from "../shared/schema/workflow.js";
export {
  type Ending,
  endingOf,
  firstToRetry,
  isLeftOut,
  wentOn,
  whenOf,
} from "../shared/state/cleanup.js";
export { type HookRun, hookRunsOf } from "../shared/state/hookRuns.js";
export { interruptionReason } from "../shared/state/interruptionReason.js";
export { firstLinkLost, type LinkLost, linkLostOf } from "../shared/state/linkLost.js";
export {
  comparePlaces,
  endOf,
  fitting,
  type ListFilter,
  type ListOrder,
  NEWEST_FIRST,
  orderOf,
  orderText,
  placing,
  SORTS,
  type Sort,
  STATUS_ORDER,
} from "../shared/state/listQuery.js";
export { nodeOf } from "../shared/state/node.js";
export { type ProcessNews, processNews } from "../shared/state/processNews.js";
export { remainingMs } from "../shared/state/remaining.js";
export {
  branchesOf,
  eachStep,
  indexOfNumber,
  placeNumber,
  placeOfIndex,
  stepAtIndex,
} from "../shared/state/stepPlace.js";
export { type Absence, processOf, type StepProcess } from "../shared/state/stepProcess.js";
export { type StepSpan, spanOf } from "../shared/state/stepSpan.js";
export { doneShare, type Progress, type Summary } from "../shared/state/summary.js";
export type { StepStatus, WorkflowStatus } from "../shared/statuses.js";
export { isEnded } from "../shared/statuses.js";
export type { Row as TerminalRow } from "../shared/terminal/row.js";
export { Screen } from "../shared/terminal/screen.js";
export { SCREEN_ROWS } from "../shared/terminal/screenRows.js";
export { formatDuration, formatElapsed } from "../shared/text/duration.js";
export { waitsForNode } from "../shared/text/nodeWords.js";
export { wholeLength } from "../shared/text/utf8.js";
export type { DeliveriesAnswer, DeliveryView } from "../shared/wire/deliveries.js";
export { receiverName } from "../shared/wire/deliveries.js";
export type { LogTimes, Moment } from "../shared/wire/logTimes.js";
export type {
  DefinitionProblem,
  DefinitionsAnswer,
  DefinitionView,
  ListAnswer,
  SavedAnswer,
  ShareView,
} from "../shared/wire/rest.js";
export type { ClosedReason, ListState, Permission } from "../shared/wire/serverMessages.js";
export { STALE_HEADER } from "../shared/wire/standing.js";
export type { StorageReason } from "../shared/wire/storage.js";
export type { ConnectionPhase, ConnectionView, StopReason } from "./connection/connectionView.js";
export type { LiveSocket, WebSocketConstructor } from "./connection/socket.js";
export { browserWakeSignals, type WakeSignal, type WakeSignals } from "./connection/wakeSignals.js";
export type { StepContext, StepHandler } from "./drive/drivenStep.js";
export {
  type Definition,
  type DriveOptions,
  type DriveResult,
  drive,
} from "./drive/driver.js";
export type { Found, FoundKind, StepLook } from "./found.js";
export { type ClientOptions, createClient, type InstepClient } from "./live/client.js";
export type {
  FollowLogOptions,
  LogAway,
  LogEnd,
  LogListener,
  LogPiece,
  LogPlace,
} from "./logs/followedLog.js";
export type { Lease, LeaseOptions } from "./propose/leases.js";
export type { Accepted, ProposeOptions } from "./propose/proposals.js";
export type { ListOptions, Loaded, ReadOptions, RestClient, WriteOptions } from "./rest/rest.js";
export { deliveriesOf, sendAgain } from "./rest/restDeliveries.js";
export type {
  Appended,
  AppendOptions,
  LogBytes,
  ReadLogOptions,
  ReadLogTimesOptions,
  ToldTimes,
} from "./rest/restLog.js";
export type { RunCalls, RunCommand } from "./rest/restRuns.js";
export { makeShare, revokeShare, sharesOf } from "./rest/restShares.js";
export type { OpenSharedWorker, SharedWorkerLike } from "./sharing/sharing.js";
export type { View, ViewPhase } from "./watch/view.js";
export { NoAnswerError } from "./wire/noAnswer.js";
export {
  clearWorkflowState,
  type InitHooks,
  initWorkflow,
  loadWorkflowState,
  type RestoreHooks,
  restoreWorkflowState,
  saveWorkflowState,
} from "./workflow.js";
