// Whole-system histories by seed: devices with tabs, a lossy network, pages that die, a server that restarts. After it all heals, everybody agrees
// with the server, and every mutation that was durable was applied exactly once.
import { expect, test } from 'vitest'
import type { Device, TestWorld } from '../kit/world.ts'
import { inWorld, seedsOf } from '../kit/world.ts'

const bad = { dropRequest: 0.1, dropAnswer: 0.1, duplicate: 0.2, cut: 0.02, killStream: 0.05, delayMs: [1, 800] } as const

test.each(seedsOf(10).map((seed) => [seed]))(
  'A13 T52 a thousand random operations on four devices over a bad network end in one state (seed %i)',
  (seed) =>
    inWorld(seed, { faults: bad, poke: seed % 3 === 0 ? 'none' : 'sse' }, async (world) => {
      const ledger = makeLedger()
      const devices = ['a', 'b', 'c', 'd'].map((name) => world.device(name))
      for (let i = 0; i < 1000; i++) {
        await act(world, devices, ledger)
        if (i % 10 === 0) for (const device of devices) checkMoment(world, device)
      }
      await heal(world, devices)
      await check(world, devices, ledger)
    }),
)

interface Ledger {
  /** Tokens of mutations whose `durable` resolved. */
  readonly durable: Set<string>
  /** What each mutation adds to the counters, by token; transfers between counters add nothing. */
  readonly made: Map<string, number>
}

function makeLedger(): Ledger {
  return { durable: new Set(), made: new Map() }
}

async function act(world: TestWorld, devices: readonly Device[], ledger: Ledger): Promise<void> {
  const { rng, clock } = world
  const device = rng.pick(devices)
  const roll = rng.next()
  if (roll < 0.7) mutate(world, device, ledger)
  else if (roll < 0.78) device.store.goOffline()
  else if (roll < 0.88) device.store.goOnline()
  else if (roll < 0.9) {
    device.kill()
    device.open()
  } else if (roll < 0.91) device.open()
  else if (roll < 0.915) world.restartServer(rng.chance(0.5))
  else if (roll < 0.93) world.net.partition(device.name, rng.chance(0.5))
  else await clock.advance(rng.int(1, 3_000))
  if (rng.chance(0.3)) await clock.advance(rng.int(0, 50))
}

// each mutation leaves one row under its own token, and counts itself: twice would show
function mutate({ rng }: TestWorld, device: Device, ledger: Ledger): void {
  const { mutate } = device.store
  const token = `${device.name}-${ledger.made.size}`
  const roll = rng.int(0, 5)
  ledger.made.set(token, roll === 1 ? 3 : 1)
  const shared = `n${rng.int(1, 8)}`
  const written = mutate.batch(() => {
    mutate.createNote(token, token)
    mutate.increment('made', 1)
    if (roll === 0) mutate.addItem(token, 'shopping', token)
    if (roll === 1) mutate.increment(shared, 2)
    if (roll === 2) mutate.setTitle(rng.pick([...ledger.made.keys()]), token)
    if (roll === 3) mutate.createAudited(`${token}-audited`, token)
    if (roll === 4) mutate.createTrimmed(`${token}-trimmed`, ` ${token} `)
    if (roll === 5) mutate.transfer(shared, 1)
  })
  written.then(
    () => ledger.durable.add(token),
    () => {},
  )
}

// with nothing pending, what is shown is what the server said at one version: nothing torn, nothing half, nothing out of order
function checkMoment(world: TestWorld, device: Device): void {
  const { pending, phase, version } = device.store.status.value
  const then = world.rowsAt(version)
  if (pending === 0 && phase === 'ready' && then) expect(device.rows(), `${device.name} at version ${version}`).toEqual(then)
}

async function heal(world: TestWorld, devices: readonly Device[]): Promise<void> {
  world.net.heal()
  world.restartServer(true)
  for (const device of devices) for (const tab of device.tabs) tab.goOnline()
  await world.quiesce()
}

async function check(world: TestWorld, devices: readonly Device[], ledger: Ledger): Promise<void> {
  const server = await world.serverRows()
  for (const device of devices) expect(device.rows(), device.name).toEqual(server)
  const notes = new Set(server['notes']?.map(({ id }) => id))
  const quarantined = new Set(devices.flatMap((device) => device.store.quarantine.list.value.map(({ calls }) => calls[0]?.[1][0])))
  for (const token of ledger.durable) expect(notes.has(token) || quarantined.has(token), `${token} was durable`).toBe(true)
  for (const token of quarantined) expect(notes.has(token as string), `${String(token)} is in quarantine and applied`).toBe(false)
  const counted = server['counters']?.reduce((sum, { value }) => sum + (value as number), 0)
  const applied = [...ledger.made].filter(([token]) => notes.has(token))
  expect(counted, 'each applied once').toBe(applied.reduce((sum, [, added]) => sum + added, 0))
  expect(applied.length).toBeGreaterThan(ledger.made.size / 2)
}
