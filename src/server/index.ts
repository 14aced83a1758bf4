export type { Authorize, Rule } from './authorize.ts'
export type {
  Database,
  Departure,
  Position,
  SpaceHead,
  SpaceReader,
  SpaceWrite,
  SpaceWriter,
  StoredClient,
  StoredRow,
  StoredVerdict,
} from './database.ts'
export { createServer, type Server } from './handler.ts'
export { memoryDatabase } from './memory.ts'
export type { Caller, ServerLimits, ServerOptions } from './setup.ts'
export type { ServerWorld } from './world.ts'
