import { getRxStorageMemory } from 'rxdb/plugins/storage-memory'
import { makeRxdb } from './rxdb.ts'

export const subject = makeRxdb(getRxStorageMemory())
