import { getRxStorageDexie } from 'rxdb/plugins/storage-dexie'
import { makeRxdb } from './rxdb.ts'

export const subject = makeRxdb(getRxStorageDexie())
