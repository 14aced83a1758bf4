import { pglite } from '../../src/server/pglite.ts'
import { describeDatabase } from '../contract/database.ts'

describeDatabase(() => pglite())
