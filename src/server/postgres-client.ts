import type { SqlValue } from './sql.ts'

/** What is asked of a connection that a `Pool` of `pg` handed out. */
export interface PostgresClient {
  query(query: PostgresQuery): Promise<{ readonly rows: unknown[] }>
  on(event: 'error' | 'end', listener: () => void): unknown
  on(event: 'notification', listener: (message: { readonly channel: string; readonly payload?: string | undefined }) => void): unknown
  off(event: 'error', listener: () => void): unknown
  /** Hands it back to the pool, or destroys it. */
  release(isBroken: boolean): void
}

/** One statement, with the parsers of its answer. */
export interface PostgresQuery {
  readonly text: string
  readonly values: SqlValue[]
  readonly types: { getTypeParser(oid: number): (text: string) => unknown }
}

/** The rows of one statement. Parsers that the app set for `pg` do not matter here. */
export async function ask<Row>(client: PostgresClient, text: string, parameters: readonly SqlValue[] = []): Promise<readonly Row[]> {
  const { rows } = await client.query({ text, values: [...parameters], types })
  return rows as Row[]
}

const isTrue = (text: string): boolean => text === 't'
const isText = (text: string): string => text

// by the oid of a type; bigint stays text, for `Number()`
const parsersByOid: ReadonlyMap<number, (text: string) => unknown> = new Map<number, (text: string) => unknown>([
  [16, isTrue],
  [23, Number],
  [3802, JSON.parse],
])

const types = { getTypeParser: (oid: number) => parsersByOid.get(oid) ?? isText }
