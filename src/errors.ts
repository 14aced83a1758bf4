// The one error class and the one table of codes, named by whose move it is. Imports nothing.

/** Every code that Tidemark raises, with the sentence that says what happened and what to do next. */
export const errorTable = {
  'misuse/closed': 'This store is closed. Create a new one with createStore().',
  'misuse/options': 'An option is missing or wrong. Correct it as `details` says.',
  'misuse/schema': 'The schema is wrong. Correct it as `details` says.',
  'misuse/async-schema': 'A schema answered with a promise. Use a synchronous schema; ask the network in an action instead.',
  'misuse/reserved-name': 'This name belongs to Tidemark. Choose another one.',
  'misuse/unknown-collection': 'The schema has no such collection. Check the name, or add it to defineSchema().',
  'misuse/unknown-mutator': 'There is no such mutator. Check the name, or add it to defineMutators().',
  'misuse/write-outside-mutator': 'Rows change in mutators only. Move this write into a mutator, or set `crud: true` on its collection.',
  'misuse/impure-mutator':
    'The mutator gave two results for the same input. Take time from tx.authoredAt, ids from tx.newId(), and the rest from arguments.',
  'misuse/async-mutator': 'The mutator returned a promise. Make it synchronous; put slow work into an action.',
  'misuse/no-provider': 'There is no store here. Wrap the tree in <StoreProvider store={store}>.',
  'invalid/args': 'The arguments do not fit the mutator’s schema. Correct what `details.path` names.',
  'invalid/row': 'The row does not fit its collection’s schema. Correct what `details.path` names.',
  'invalid/value': 'This value cannot be stored or sent unchanged. Use plain JSON at `details.path`.',
  'invalid/query': 'The query is not valid. Correct what `details.path` names.',
  'invalid/request': 'The request is not valid. Correct what `details.path` names and send it again.',
  'invalid/dump': 'This is not a Tidemark export. Choose another file.',
  'invalid/too-large': 'This is larger than the limit in `details`. Split it, or keep the large part outside the store.',
  'refused/rejected': 'The mutator rejected this. See `details.reason`; change the input and try again.',
  'refused/forbidden': 'You may not do this. Ask for the right and do it again; quarantine keeps it meanwhile.',
  'refused/conflict': 'A row with this id exists already. Use another id, or patch the row.',
  'refused/constraint': 'The database refused this. Change the values and try again.',
  'refused/dependency': 'This builds on a change that was not accepted. Do that one again first; quarantine keeps both.',
  'refused/mutator-failed': 'The mutator failed. Correct its code; the arguments are kept in quarantine.',
  'refused/invalid': 'The server found the arguments or a row invalid. Correct them and do it again; quarantine keeps them meanwhile.',
  'refused/too-large': 'The server finds this too large. Split it and try again.',
  'refused/action-failed': 'The action failed on the server. Try again, or see the server’s log.',
  'refused/unknown-mutator': 'The server does not know this mutator yet. It is sent again after an update of either side.',
  'auth/required': 'Sign in to go on. What you changed is kept and sent afterwards.',
  'auth/forbidden-space': 'You have no access to this space. Ask for an invitation; what you changed is kept.',
  'auth/client-owner': 'This device’s records belong to another user. Sign in as that user.',
  'unreachable/offline': 'There is no network. Nothing to do: changes are kept and sent when it is back.',
  'unreachable/timeout': 'The server did not answer in time. Nothing to do: it is tried again.',
  'unreachable/not-tidemark': 'The answer did not come from a Tidemark server. Sign in to the network, or check the url.',
  'unreachable/busy': 'The server is busy. Nothing to do: it is tried again.',
  'unreachable/rate-limited': 'Too many requests. Nothing to do: it is tried again later.',
  'unreachable/server-error': 'The server failed. Nothing to do: it is tried again; see the server’s log if it stays.',
  'outdated/protocol': 'Client and server speak different protocol versions. Update the app.',
  'outdated/schema': 'Client and server have different schema versions. Update the app.',
  'outdated/cursor-too-old': 'The server no longer has the changes since this cursor. A fresh snapshot is taken by itself.',
  'outdated/epoch-changed': 'The server’s history was replaced. A fresh snapshot is taken by itself.',
  'outdated/client-forgotten': 'The server has forgotten this client. Its changes go on under a new client id by themselves.',
  'outdated/client-forked': 'Two histories of one client met. Its changes go on under a new client id by themselves.',
  'outdated/mutation-gap': 'The server misses earlier changes of this client. They are sent again by themselves.',
  'disk/quota': 'The disk is full. Free some space; changes are kept in memory and sent meanwhile.',
  'disk/blocked': 'Another tab holds the database. Close older tabs of this app.',
  'disk/timeout': 'The disk did not answer in time. Reload the page if it stays.',
  'disk/unavailable': 'This browser gives no storage here. The app works from memory; allow storage to keep data.',
  'disk/volatile': 'Storage here is forgotten when the window closes. Use a normal window to keep data.',
  'disk/lost': 'The data on this device is gone. It is fetched again; see `details.count` for changes that were lost.',
  'disk/rolled-back': 'Storage on this device went back in time. It is fetched again; see `details` for what was lost.',
  'disk/corrupt': 'A record on disk cannot be read. It is fetched again where the server has it.',
  'disk/too-new': 'A newer version of this app wrote the database. Update the app.',
  'server/datadir-locked': 'Another process has this data folder open. Stop it, or choose another folder.',
  'server/datadir-corrupt': 'The data folder cannot be read. Restore it from a backup; nothing was changed.',
  'server/config': 'The server’s configuration is wrong. Correct it as `details` says and start again.',
  'bug/invariant': 'Bug: something that must hold does not. Please report it with the stack.',
  'bug/unreachable-case': 'Bug: a case that cannot be was reached. Please report it with the stack.',
} as const

/** A code of the one table: `family/name`, where the family says whose move it is. */
export type ErrorCode = keyof typeof errorTable

/** What an error may carry beside its code. */
export interface ErrorOptions {
  /** Facts for programs: the path of a wrong field, a limit, a count. Never somebody else's data. */
  readonly details?: Readonly<Record<string, unknown>>
  /** Replaces the table's sentence where a more precise one is known; it too ends with what to do next. */
  readonly message?: string
  readonly cause?: unknown
  /** How long the other side asks us to wait, in milliseconds. */
  readonly retryAfterMs?: number
}

/** The one error that Tidemark throws and reports: a code from the table, a sentence, and facts. */
export class TidemarkError extends Error {
  override readonly name = 'TidemarkError'
  readonly code: ErrorCode
  readonly details: Readonly<Record<string, unknown>>
  readonly retryAfterMs?: number

  constructor(code: ErrorCode, options: ErrorOptions = {}) {
    super(options.message ?? errorTable[code], options.cause === undefined ? undefined : { cause: options.cause })
    this.code = code
    this.details = options.details ?? {}
    if (options.retryAfterMs !== undefined) this.retryAfterMs = options.retryAfterMs
  }
}

/** Whether `code`, which came from outside, stands in the table. */
export function isErrorCode(code: unknown): code is ErrorCode {
  return typeof code === 'string' && Object.hasOwn(errorTable, code)
}
