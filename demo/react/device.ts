// One device of one person: a store with a database of its own, behind a network that can be made worse.
import { createStore, http, type ReadonlySignal, signal } from 'tidemark'
import { createFaults, type Faults } from '../../src/transport/faulty.ts'
import { mutators } from '../mutators.ts'
import { type Person, schema } from '../schema.ts'

/** A store of Harbour. */
export type HarbourStore = ReturnType<typeof openStore>

// said once, so that useStore() knows what it answers with
declare module 'tidemark' {
  interface Register {
    store: HarbourStore
  }
}

/** How good the network of a device is. */
export interface Network {
  readonly online: boolean
  readonly latencyMs: number
  /** The chance that a message is lost, from 0 to 1. */
  readonly loss: number
}

/** Which device, and whose. */
export interface DeviceOptions {
  readonly name: string
  readonly label: string
  readonly user: Person
  readonly space: 'main' | 'places'
}

/** A device, alive. */
export interface Device extends DeviceOptions {
  /** Its store: another one after a reset, and none while that goes on. */
  readonly store: ReadonlySignal<HarbourStore | undefined>
  readonly network: ReadonlySignal<Network>
  setNetwork(change: Partial<Network>): void
  /** Deletes its database, unsent changes included, and begins anew. */
  reset(): Promise<void>
}

/** Switches a device on. Its network is as it was left, so that a device that was offline is offline after a reload too. */
export function createDevice(options: DeviceOptions): Device {
  const settingsKey = `harbour:network:${options.name}`
  const network = signal<Network>({ online: true, latencyMs: 0, loss: 0, ...JSON.parse(localStorage.getItem(settingsKey) ?? '{}') })
  const faults = createFaults(Math.random, network.value)
  const open = (): HarbourStore => {
    const opened = openStore(options, faults)
    if (!network.value.online) opened.goOffline()
    return opened
  }
  const store = signal<HarbourStore | undefined>(open())
  const device: Device = {
    ...options,
    store,
    network,
    setNetwork(change) {
      network.value = { ...network.value, ...change }
      localStorage.setItem(settingsKey, JSON.stringify(network.value))
      faults.set(network.value)
      if (change.online === true) store.value?.goOnline()
      if (change.online === false) store.value?.goOffline()
    },
    async reset() {
      const before = store.value
      store.value = undefined
      await before?.close()
      await deleteDatabases(options.name)
      store.value = open()
    },
  }
  atHand[options.label] = device
  return device
}

// In the console: harbour.A.store.value.query.issues.read()
const atHand: Record<string, Device> = {}
Object.assign(globalThis, { harbour: atHand })

function openStore({ name, user, space }: DeviceOptions, faults: Faults) {
  const backend = http({ url: '/sync', headers: { authorization: `Bearer ${user}` } })
  return createStore({ name, schema, mutators, space, user, transport: faults.wrap(backend) })
}

async function deleteDatabases(name: string): Promise<void> {
  const databases = await indexedDB.databases()
  const ours = databases.flatMap((database) => (database.name?.includes(name) ? [database.name] : []))
  await Promise.all(
    ours.map(
      (found) =>
        new Promise<void>((resolve, reject) => {
          const request = indexedDB.deleteDatabase(found)
          request.onsuccess = () => resolve()
          request.onerror = () => reject(request.error)
        }),
    ),
  )
}
