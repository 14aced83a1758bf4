import type * as v from 'valibot'
import { TidemarkError } from '../errors.ts'
import type { RequestEnvelope } from '../protocol/envelope.ts'
import { pokeRequestSchema } from '../protocol/poke.ts'
import { pullRequestSchema } from '../protocol/pull.ts'
import { pushRequestSchema } from '../protocol/push.ts'
import { snapshotRequestSchema } from '../protocol/snapshot.ts'
import { createPokes } from './poke.ts'
import { answerPull } from './pull.ts'
import { answerPush } from './push.ts'
import { readMessage } from './request.ts'
import { isSayable, respond, respondToFailure, respondWith } from './respond.ts'
import { makeSetup, type ServerOptions, type Setup } from './setup.ts'
import { answerSnapshot } from './snapshot.ts'

/** The reference server: it answers the requests of stores, whatever listens for them. */
export interface Server {
  /** Answers one request, by the last part of its path: push, pull, snapshot or poke. Never rejects: a failure is a marked answer. */
  fetch(request: Request): Promise<Response>
  /** Answers what was asked before, ends all streams and closes the database. */
  close(): Promise<void>
}

/** Creates a server over a database. Stateless: any number of them may share one. Raises `server/config`. */
export function createServer<C, M>(options: ServerOptions<C, M>): Server {
  const setup = makeSetup(options)
  const pokes = createPokes(setup)
  const stops = new Set<() => void>()
  let isClosed = false
  const { pushBytes } = setup.limits
  const routes: Readonly<Record<string, Route>> = {
    push: makeRoute(pushRequestSchema, pushBytes, async (message) => respond(await answerPush(setup, message))),
    pull: makeRoute(pullRequestSchema, smallBytes, async (message) => respond(await answerPull(setup, message))),
    snapshot: makeRoute(snapshotRequestSchema, smallBytes, async (message) =>
      respondWith(await answerSnapshot(setup, message), 'application/x-ndjson'),
    ),
    poke: makeRoute(pokeRequestSchema, smallBytes, async (message, signal) =>
      respondWith(await pokes.subscribe(message, signal), 'text/event-stream'),
    ),
  }
  const underway = new Set<Promise<Response>>()
  const answer = async (request: Request): Promise<Response> => {
    try {
      if (isClosed) throw new TidemarkError('unreachable/busy', { retryAfterMs: 5000 })
      const name = new URL(request.url).pathname.split('/').at(-1) ?? ''
      const route = Object.hasOwn(routes, name) && request.method === 'POST' ? routes[name] : undefined
      return route ? await route(setup, request, stops) : respondToNobody()
    } catch (error) {
      if (!isSayable(error) || error.code.startsWith('server/')) setup.world.report(error)
      return respondToFailure(error)
    }
  }
  return {
    async fetch(request) {
      const answered = answer(request)
      underway.add(answered)
      try {
        return await answered
      } finally {
        underway.delete(answered)
      }
    },
    async close() {
      if (isClosed) return
      isClosed = true
      for (const stop of stops) stop()
      await pokes.close()
      await Promise.allSettled(underway)
      await setup.database.close()
    },
  }
}

type Route = (setup: Setup, request: Request, stops: Set<() => void>) => Promise<Response>

function makeRoute<T extends RequestEnvelope>(
  schema: v.GenericSchema<unknown, T>,
  maxBytes: number,
  answer: (message: T, signal: AbortSignal) => Promise<Response>,
): Route {
  return async (setup, request, stops) => {
    const message = await readMessage(request, schema, { maxBytes, stops })
    const caller = await setup.authenticate(request)
    if (caller === null || caller.user !== message.user) throw new TidemarkError('auth/required')
    return answer(message, request.signal)
  }
}

function respondToNobody(): Response {
  const { code, message } = new TidemarkError('invalid/request', {
    message: 'There is nothing here. POST to push, pull, snapshot or poke.',
  })
  return respond({ tidemark: 1, error: { code, message } }, 404)
}

// a request without mutations: ids and a cursor
const smallBytes = 64_000
