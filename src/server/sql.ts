import { type ErrorCode, TidemarkError } from '../errors.ts'

/** Runs one statement of SQL: values travel as parameters alone. */
export interface SqlRunner {
  query<Row>(text: string, parameters?: readonly SqlValue[]): Promise<readonly Row[]>
}

/** What may be a parameter; lists and objects travel as their JSON text. */
export type SqlValue = string | number | null

/**
 * A way to one PostgreSQL, as small as the dialect above it needs.
 *
 * - `query` answers with objects by column; jsonb arrives parsed, bigint as whatever `Number()` reads.
 * - `transaction` commits what `run` did when it resolves, and rolls back and throws what it throws. Statements of one
 *   transaction go one after another on one connection.
 * - Errors carry PostgreSQL's SQLSTATE as `code`; one without is a connection that failed.
 */
export interface SqlDriver extends SqlRunner {
  transaction<T>(run: (sql: SqlRunner) => Promise<T>): Promise<T>
  /**
   * Calls `listener` with every payload of the channel, and `lookAgain` once it listens again after a while in which it could
   * not hear; where that rejects, it is called another time. Answers with how to stop.
   */
  listen(channel: string, listener: (payload: string) => void, lookAgain: () => Promise<void>): Promise<() => Promise<void>>
  close(): Promise<void>
}

/** How one attempt at a transaction ended, when it did not end well. */
export interface SqlFailure {
  readonly error: TidemarkError
  /** Whether it was rolled back for a reason that another attempt may not meet. */
  readonly isPassing: boolean
}

const retryAfterMs = 1000

// by a prefix of the SQLSTATE: the first that fits
const outcomes: readonly (readonly [prefix: string, code: ErrorCode, isPassing: boolean])[] = [
  ['22', 'refused/constraint', false],
  ['23', 'refused/constraint', false],
  // a value or a key beyond what PostgreSQL can nest or index
  ['54', 'refused/constraint', false],
  ['40001', 'unreachable/busy', true],
  ['40P01', 'unreachable/busy', true],
  ['57P0', 'unreachable/busy', true],
  // not the connection but what was said on it
  ['08P01', 'unreachable/server-error', false],
  ['08', 'unreachable/busy', true],
  // waited long enough, or told to stop: who asks again should do so later, and not at once
  ['55P03', 'unreachable/busy', false],
  ['57014', 'unreachable/busy', false],
  ['53', 'unreachable/busy', false],
  ['28', 'server/config', false],
  ['3D', 'server/config', false],
  ['42501', 'server/config', false],
  ['XX001', 'server/datadir-corrupt', false],
  ['XX002', 'server/datadir-corrupt', false],
]

/** What an error of the driver means to us. A TidemarkError stands as it is. */
export function makeSqlFailure(cause: unknown): SqlFailure {
  if (cause instanceof TidemarkError) return { error: cause, isPassing: false }
  const state = findSqlState(cause)
  if (state === undefined) return { error: busy(cause, {}), isPassing: true }
  const [, code, isPassing] = outcomes.find(([prefix]) => state.startsWith(prefix)) ?? ['', 'unreachable/server-error', false]
  const details = { sqlState: state }
  return { error: code === 'unreachable/busy' ? busy(cause, details) : new TidemarkError(code, { cause, details }), isPassing }
}

function busy(cause: unknown, details: Readonly<Record<string, unknown>>): TidemarkError {
  return new TidemarkError('unreachable/busy', { cause, details, retryAfterMs })
}

// five digits and capitals; the codes of sockets (EPIPE, ECONNRESET) are none
function findSqlState(cause: unknown): string | undefined {
  const code = typeof cause === 'object' && cause !== null && 'code' in cause ? cause.code : undefined
  return typeof code === 'string' && /^(?:[0-9][0-9A-Z]|P0|XX|F0|HV)[0-9A-Z]{3}$/.test(code) ? code : undefined
}
