import { memoryDatabase } from '../../src/server/memory.ts'
import { describeDatabase } from '../contract/database.ts'

const randomBytes = (count: number) => Uint8Array.from({ length: count }, (_, i) => (i * 37 + 11) % 256)

describeDatabase(() => memoryDatabase({ randomBytes }))
