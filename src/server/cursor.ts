// A cursor is all that the server remembers of a reader's progress, and the reader carries it:
//
//   base64url( [1, epoch, user, space, schema, position, told, held, fills] ) . base64url( HMAC-SHA-256 )
//
// Nobody else can write one, and nobody can use another user's.
import { TidemarkError } from '../errors.ts'
import type { Database, Position } from './database.ts'
import type { ServerWorld } from './world.ts'

/** An audience whose rows are being sent: those that are not newer than `version`, up to `after` so far; null is all of them. */
export interface Fill {
  readonly audience: string
  readonly version: number
  readonly after: readonly [collection: string, id: string] | null
}

/** How far a reader has come. */
export interface Progress {
  /** Changes of the held audiences up to here were sent. */
  readonly position: Position
  /** Verdicts up to this version were told. */
  readonly told: number
  readonly held: readonly string[]
  readonly fills: readonly Fill[]
}

/** What a cursor is bound to. */
export interface CursorOwner {
  readonly epoch: string
  readonly user: string | null
  readonly space: string
  readonly schema: number
}

/** Writes and reads cursors. */
export interface Cursors {
  seal(owner: CursorOwner, progress: Progress): Promise<string>
  /** Raises `invalid/request` for one that we did not write, or wrote for somebody else. */
  open(cursor: string, reader: Pick<CursorOwner, 'user' | 'space'>): Promise<{ readonly owner: CursorOwner; readonly progress: Progress }>
}

/** Cursors signed with the secret of the database. */
export function makeCursors(database: Pick<Database, 'secret'>, subtle: ServerWorld['subtle']): Cursors {
  let imported: Promise<CryptoKey> | undefined
  const findKey = async (): Promise<CryptoKey> => {
    imported ??= database.secret().then((secret) => subtle.importKey('raw', copyBytes(secret), algorithm, false, ['sign', 'verify']))
    try {
      return await imported
    } catch (error) {
      imported = undefined
      throw error
    }
  }
  return {
    async seal({ epoch, user, space, schema }, { position, told, held, fills }) {
      const parts = [
        format,
        epoch,
        user,
        space,
        schema,
        position,
        told,
        held,
        fills.map(({ audience, version, after }) => [audience, version, after]),
      ]
      const payload = copyBytes(new TextEncoder().encode(JSON.stringify(parts)))
      const signature = await subtle.sign('HMAC', await findKey(), payload)
      const cursor = `${bytesToText(payload)}.${bytesToText(new Uint8Array(signature))}`
      if (cursor.length > cursorLimit)
        throw new TidemarkError('server/config', {
          message: 'A reader holds more audiences than a cursor has room for. Give each user fewer audiences.',
        })
      return cursor
    },
    async open(cursor, { user, space }) {
      const [text = '', signature = '', ...rest] = cursor.split('.')
      const [payload, signed] = [textToBytes(text), textToBytes(signature)]
      if (!payload || !signed || rest.length > 0 || !(await subtle.verify('HMAC', await findKey(), signed, payload))) throw notOurs()
      const parts = JSON.parse(new TextDecoder().decode(payload)) as Parts
      const [mark, epoch, whose, where, schema, position, told, held, fills] = parts
      if (mark !== format || whose !== user || where !== space) throw notOurs()
      return {
        owner: { epoch, user, space, schema },
        progress: { position, told, held, fills: fills.map(([audience, version, after]) => ({ audience, version, after })) },
      }
    },
  }
}

type Parts = readonly [
  format: number,
  epoch: string,
  user: string | null,
  space: string,
  schema: number,
  position: Position,
  told: number,
  held: readonly string[],
  fills: readonly (readonly [audience: string, version: number, after: Fill['after']])[],
]

const format = 1
const algorithm = { name: 'HMAC', hash: 'SHA-256' } as const
// what `cursorSchema` lets through
const cursorLimit = 16_384

function notOurs(): TidemarkError {
  return new TidemarkError('invalid/request', {
    details: { path: ['cursor'] },
    message: 'The cursor is not one that this server gave to this user. Begin without a cursor.',
  })
}

function bytesToText(bytes: Uint8Array): string {
  let binary = ''
  for (const byte of bytes) binary += String.fromCharCode(byte)
  return btoa(binary).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')
}

function textToBytes(text: string): Uint8Array<ArrayBuffer> | undefined {
  if (!/^[A-Za-z0-9_-]+$/.test(text) || text.length % 4 === 1) return undefined
  const binary = atob(text.replaceAll('-', '+').replaceAll('_', '/'))
  return Uint8Array.from(binary, (character) => character.charCodeAt(0))
}

// WebCrypto wants bytes of a buffer that is not shared
function copyBytes(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return new Uint8Array(bytes)
}
