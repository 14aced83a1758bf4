// The steps that stories are told in.
import { http } from '../../src/transport/http.ts'
import type { Live } from '../../src/query/query.ts'
import type { Connect } from '../../src/transport/transport.ts'
import { type Device, inWorld, seedsOf, type TestWorld, type WorldOptions } from '../kit/world.ts'

/** Runs a story in several worlds: the seed decides how long the disk takes and what the network does. */
export async function inWorlds(options: WorldOptions, story: (world: TestWorld) => Promise<void>): Promise<void> {
  for (const seed of seedsOf(3)) await inWorld(seed, options, story)
}

/** Devices that have synced once. */
export async function openDevices<N extends string>(world: TestWorld, ...names: readonly N[]): Promise<Record<N, Device>> {
  const devices = names.map((name) => [name, world.device(name)] as const)
  for (const [, device] of devices) await world.run(device.store.sync())
  await world.quiesce()
  return Object.fromEntries(devices) as Record<N, Device>
}

/** The same, all of them offline. */
export async function openOffline<N extends string>(world: TestWorld, ...names: readonly N[]): Promise<Record<N, Device>> {
  const devices = await openDevices(world, ...names)
  for (const device of Object.values<Device>(devices)) device.store.goOffline()
  await world.clock.advance(10)
  return devices
}

/** Comes online, says and hears all, and goes offline again. */
export async function visit(world: TestWorld, { store }: Device): Promise<void> {
  store.goOnline()
  await world.run(store.sync())
  store.goOffline()
  await world.clock.advance(10)
}

/** All answers of a live query from now on, the present one first. */
export function watch<T>(live: Live<T>): { readonly values: T[]; stop(): void } {
  const values: T[] = []
  const stop = live.subscribe((value) => values.push(value))
  return { values, stop }
}

/** One request, as it left. */
export interface Sent {
  readonly path: string
  readonly body: {
    readonly [field: string]: unknown
    readonly mutations?: readonly { readonly client: string; readonly seq: number; readonly id: string }[]
  }
}

/** The http transport of a world, and all that it sends. What is `cut` breaks before it leaves; what `answer` has an answer for never reaches the server. */
export interface Spy {
  readonly transport: Connect
  readonly sent: Sent[]
  of(path: string): readonly Sent[]
  readonly cut: Set<string>
  answer: ((path: string) => Response | undefined) | undefined
}

/** Watches one device. */
export function makeSpy(poke: 'sse' | 'none' = 'sse'): Spy {
  const sent: Sent[] = []
  const cut = new Set<string>()
  const connect = http({ url: 'http://server.invalid/sync', poke })
  const spy: Spy = {
    sent,
    cut,
    answer: undefined,
    of: (path) => sent.filter((request) => request.path === path),
    transport: (world) =>
      connect({
        ...world,
        fetch(url, init) {
          const path = new URL(url).pathname.split('/').at(-1) ?? ''
          if (cut.has(path)) return Promise.reject(new TypeError('fetch failed'))
          sent.push({ path, body: JSON.parse(init.body as string) as Sent['body'] })
          const answer = spy.answer?.(path)
          return answer ? Promise.resolve(answer) : world.fetch(url, init)
        },
      }),
  }
  return spy
}

/** An answer as it came. */
export interface Answer {
  readonly status: number
  readonly body: { readonly [field: string]: unknown }
}

/** Posts messages by hand, all at once, and answers with what came. */
export async function post(world: TestWorld, path: string, ...messages: readonly unknown[]): Promise<readonly Answer[]> {
  const send = async (message: unknown): Promise<Answer> => {
    const request = new Request(`http://server.invalid/sync/${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(message),
    })
    const response = await world.server.fetch(request)
    return { status: response.status, body: (await response.json()) as Answer['body'] }
  }
  return world.run(Promise.all(messages.map(send)))
}

/** How a promise ended, so that a test may go on either way. */
export async function ending(work: Promise<unknown>): Promise<string> {
  return work.then(
    () => 'well',
    (error: { readonly code?: string }) => error.code ?? 'no code',
  )
}
